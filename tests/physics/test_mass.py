"""Centre of mass and inertia: against two bodies put together by the parallel-axis theorem."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunar_env.physics.mass import centre_of_mass, com_height, inertia
from tests.physics.landers import DRY, K2, two_bodies, uneven

LANDER = uneven()


@given(st.floats(0.0, 2000.0))
def test_mass_properties_of_two_bodies_combine(propellant):
    com, tensor = two_bodies(propellant)
    mass = DRY + propellant
    np.testing.assert_allclose(centre_of_mass(mass, LANDER), com, rtol=1e-13)
    np.testing.assert_allclose(np.diag(inertia(mass, LANDER)), tensor, rtol=1e-12, atol=1e-9)


def test_without_propellant_mass_properties_are_the_dry_ones():
    assert com_height(DRY, LANDER) == 1.1
    np.testing.assert_allclose(inertia(DRY, LANDER), DRY * np.array(K2), rtol=1e-15)


def test_the_centre_of_mass_moves_down_as_the_tank_above_it_empties():
    heights = [com_height(DRY + propellant, LANDER) for propellant in (800.0, 400.0, 100.0, 0.0)]
    assert heights == sorted(heights, reverse=True)
    # As much propellant as dry mass: half way between the two.
    assert heights[1] == pytest.approx(1.5, rel=1e-15)

"""Vectors and quaternions against SciPy's rotations."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from lunar_env.kernel.linalg import (
    Quat,
    Vec3,
    axpy,
    conjugate,
    cross,
    dot,
    from_rotation_vector,
    multiply,
    norm,
    normalize,
    renormalize,
    rotate,
    unit,
)

component = st.floats(-1e4, 1e4)
vectors = st.builds(Vec3, component, component, component)
small = st.floats(-3.0, 3.0)
rotation_vectors = st.builds(Vec3, small, small, small)
parts = st.floats(-1.0, 1.0)


@st.composite
def attitudes(draw):
    q = Quat(draw(parts), draw(parts), draw(parts), draw(parts))
    assume(sum(x * x for x in q) > 1e-6)
    return normalize(q)


def rotation(q):
    return Rotation.from_quat(np.array(q), scalar_first=True)


def close(a, b, scale=1.0):
    np.testing.assert_allclose(np.array(a), np.array(b), rtol=0.0, atol=1e-12 * scale)


@given(vectors, vectors)
def test_products_agree_with_numpy(a, b):
    size = 1.0 + np.linalg.norm(a) * np.linalg.norm(b)
    close(dot(a, b), np.dot(a, b), size)
    close(cross(a, b), np.cross(a, b), size)
    close(norm(a), np.linalg.norm(a), size)
    close(axpy(2.5, a, b), 2.5 * np.array(a) + np.array(b), size)


@given(vectors)
def test_a_unit_vector_has_length_one_and_the_same_direction(a):
    assume(norm(a) > 1e-3)
    close(norm(unit(a)), 1.0)
    close(np.array(unit(a)) * np.linalg.norm(a), a, np.linalg.norm(a))


@given(attitudes(), vectors)
def test_rotate_agrees_with_scipy(q, a):
    close(rotate(q, a), rotation(q).apply(np.array(a)), 1.0 + np.linalg.norm(a))


@given(attitudes(), vectors)
def test_rotating_back_gives_the_original_vector(q, a):
    close(rotate(conjugate(q), rotate(q, a)), a, 1.0 + np.linalg.norm(a))


@given(attitudes(), attitudes(), vectors)
def test_multiply_rotates_by_the_second_first(a, b, v):
    product = rotation(a) * rotation(b)
    close(rotation(multiply(a, b)).as_matrix(), product.as_matrix())
    close(rotate(multiply(a, b), v), rotate(a, rotate(b, v)), 1.0 + np.linalg.norm(v))


@given(attitudes())
def test_a_quaternion_times_its_conjugate_is_one(q):
    close(multiply(q, conjugate(q)), (1.0, 0.0, 0.0, 0.0))


@given(rotation_vectors)
def test_from_rotation_vector_agrees_with_scipy(a):
    close(rotation(from_rotation_vector(a)).as_matrix(), Rotation.from_rotvec(a).as_matrix())
    close(sum(x * x for x in from_rotation_vector(a)), 1.0)


@given(rotation_vectors)
def test_rotation_vectors_round_trip(a):
    assume(norm(a) < 3.1)
    close(rotation(from_rotation_vector(a)).as_rotvec(), a, 10.0)


@pytest.mark.parametrize("angle", [0.0, 1e-12, 9.9e-5, 1.01e-4, 1e-2])
def test_small_rotations_are_continuous(angle):
    q = from_rotation_vector(Vec3(angle, 0.0, 0.0))
    assert q.x == pytest.approx(math.sin(0.5 * angle), rel=1e-15, abs=0.0)
    assert q.w == math.cos(0.5 * angle)


@given(attitudes(), st.floats(0.1, 10.0))
def test_normalize_keeps_the_rotation(q, scale):
    close(normalize(Quat(*(scale * x for x in q))), q)


@pytest.mark.parametrize("excess", [0.0, 1e-9, -1e-5, 1e-3, -1e-2])
def test_renormalize_squares_the_error_of_the_norm(excess):
    q = renormalize(Quat(*((1.0 + excess) * x for x in (0.5, -0.5, 0.1, 0.7))))
    assert abs(math.sqrt(sum(x * x for x in q)) - 1.0) <= 1.51 * excess**2 + 1e-15

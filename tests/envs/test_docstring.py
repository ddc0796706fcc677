"""The tables in the docstring of the environment are those of its spaces."""

import numpy as np
import pytest

from lunar_env import (
    OBSERVATION_FIELDS,
    PRIVILEGED_FIELDS,
    LunarLandingEnv,
)
from tests.envs.flying import NAMES, single


def tables(text):
    """Rows of every table of a docstring, without their headers."""
    found = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if not cells:
            continue
        if cells[0] == "#":
            found.append([])
        elif cells[0].isdigit():
            found[-1].append(cells)
    return found


def test_the_docstring_tables_agree_with_the_spaces():
    env = LunarLandingEnv()
    action, vector_action, actuators, observation, privileged = tables(LunarLandingEnv.__doc__)
    names = [[row[1] for row in rows] for rows in (vector_action, actuators)]
    assert names[0] == [field.name for field in single(NAMES[1]).action_fields]
    apollo = LunarLandingEnv("apollo-11", control="actuators")
    assert names[1] == [field.name for field in apollo.action_fields]
    for rows, space in ((action, env.action_space), (observation, env.observation_space)):
        assert [int(row[0]) for row in rows] == list(range(space.shape[0]))
        np.testing.assert_allclose([float(row[4]) for row in rows], space.low, rtol=1e-6)
        np.testing.assert_allclose([float(row[5]) for row in rows], space.high, rtol=1e-6)
    for rows, fields in ((observation, OBSERVATION_FIELDS), (privileged, PRIVILEGED_FIELDS)):
        assert [row[1:3] for row in rows] == [[f.name, f.unit] for f in fields]
        assert [row[6] for row in rows] == [f.doc for f in fields]
    env.reset(seed=0)
    assert env.privileged.shape == (len(privileged),)


@pytest.mark.parametrize("name", NAMES[1:])
def test_the_docstring_scales_agree_with_the_phases(name):
    """A scale that is not the base table's is in the table of scales, for that phase."""
    env, listed = single(name), {}
    for line in (LunarLandingEnv.__doc__ or "").splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 4 and cells[0] != "---":
            listed[cells[0]] = cells[1:]
    column = listed["name"].index(env.settings.phase)
    for here, base in zip(env.observation_fields, OBSERVATION_FIELDS, strict=False):
        if here.name == base.name:
            scale = listed[here.name][column] if here.name in listed else f"{base.scale:g}"
            assert f"{here.scale:g}" == scale, here.name

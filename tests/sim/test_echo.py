"""What comes back to a beam: its direction, the ground's brightness, dust, two echoes at a step."""

import math

import numpy as np
import pytest

from lunar_env.sensors import rows
from lunar_env.sensors.acquisition import OFF, SEARCH, TRACK, WARMUP
from lunar_env.specs.pack import pack_terrain
from tests.envs.flying import exact, level
from tests.sim.lander_batch import LanderBatch, built, throttle

HEIGHT = 1000.0
ECHO = ("time", "range", "cosine", "closing", "gain", "near_fraction", "far_range", "dust")


def hovering(height=HEIGHT, mission=None, lanes=64, **faults):
    """Landers after a step without motion, high enough for one integration window."""
    landers = LanderBatch(mission, scenario=exact(**faults), rows=lanes)
    landers.reset(height_m=height, v_vertical_m_s=0.0, v_lateral_m_s=0.0)
    return landers


def echo(landers, name):
    return landers.memory[:, getattr(rows.ECHO, name)]


def drawn_value(landers, name):
    return landers.memory[:, getattr(rows.DRAWN_LRF, name)]


def test_a_misaligned_beam_points_off_axis():
    """Over level ground the range is longer by 1/cos, and the computer cannot know."""
    landers = hovering(misalignment_deg={"normal": [0.0, 2.0]})
    misalignment = np.hypot(
        drawn_value(landers, "misaligned_x"), drawn_value(landers, "misaligned_y")
    )
    assert np.degrees(misalignment).mean() == pytest.approx(2.0 * math.sqrt(math.pi / 2.0), rel=0.3)
    landers.memory[:, 6:10] = 1.0, 0.0, 0.0, 0.0  # upright, so that only the misalignment is left
    landers.memory[:, 10:13] = 0.0
    landers.at_once()
    for _ in range(4):
        landers.step(throttle(0.5))
    tilt = np.arccos(echo(landers, "cosine"))
    assert np.allclose(tilt, misalignment, rtol=0.1, atol=5e-3)


def test_several_beams_are_sampled_in_turn():
    four = {"beams": 4, "beam_cant_deg": 20.0, "track_gate_m": 100.0}
    mission = built("hakuto-r-m2", rangefinder=four)
    landers = hovering(300.0, mission, lanes=1)
    seen = []
    for _ in range(40):
        landers.step(throttle(0.5))
        for k in range(1, 5):
            beam = landers.seen(f"lrf{k}_beam")[0]
            if beam > 0.0:
                seen.append(round(beam))
    assert seen[:8] in ([(k + n) % 4 + 1 for k in range(8)] for n in range(4))


@pytest.mark.parametrize(("height", "dims"), [(3.0, True), (200.0, False)])
def test_dust_dims_the_beam_only_near_the_ground(height, dims):
    landers = hovering(height, lanes=1, dust_depth=6.0)
    landers.at_once()
    for _ in range(4):
        landers.step(throttle(0.5))
    assert (echo(landers, "gain")[0] < 0.9) == dims
    dust, ground = echo(landers, "dust")[0], echo(landers, "range")[0]
    assert (0.3 * ground <= dust <= 0.9 * ground) == dims
    assert (dust > 0.0) == dims


def test_albedo_varies_over_the_ground_by_the_contrast():
    mission = built("hakuto-r-m2", albedo_contrast_frac=0.2)
    # Over flat ground there is no pattern.
    assert (echo(hovering(mission=mission), "gain") == 1.0).all()
    ground = pack_terrain(mission)
    landers = LanderBatch(mission, scenario=exact(), rows=512, ground=ground)
    landers.reset(height_m=HEIGHT, v_vertical_m_s=0.0, v_lateral_m_s=0.0)
    gain = echo(landers, "gain")
    assert gain.mean() == pytest.approx(1.0, abs=0.05)
    assert gain.std() == pytest.approx(0.2, rel=0.35)


def test_a_dead_unit_is_off_and_a_cold_one_warms_up():
    assert (hovering(unit_dead_frac=1.0).memory[:, rows.LRF.mode] == OFF).all()
    dead = hovering(unit_dead_frac=0.5, lanes=400).memory[:, rows.LRF.mode] == OFF
    assert 150 < dead.sum() < 250
    cold = hovering(warmup_s=3.0, lanes=1)
    modes, echoes = [], []
    for _ in range(40):
        modes.append(int(cold.memory[0, rows.LRF.mode]))
        echoes.append(float(cold.memory[0, rows.ECHO.time]))
        cold.step(throttle(0.5))
    assert modes[0] == WARMUP
    assert modes[-1] == TRACK
    assert modes.index(SEARCH) * 0.2 == pytest.approx(3.2, abs=0.6)
    # The echo of the window at whose end it begins to search counts: no range is lost by it.
    assert echoes[0] == echoes[modes.index(SEARCH) - 4] < 0.5
    assert echoes[modes.index(SEARCH)] == pytest.approx(modes.index(SEARCH) * 0.2, abs=0.4)


def test_signal_losses_of_albedo_energy_and_optics_multiply():
    ill = hovering(energy_frac=0.5, signal_loss_dB=3.0, albedo_error_frac=-0.5)
    whole = drawn_value(hovering(), "reflected")
    assert np.allclose(drawn_value(ill, "reflected"), whole * 0.25 * 10.0**-0.3)
    assert np.allclose(ill.truth("signal_loss_dB"), 10.0 * math.log10(4.0) + 3.0)


def test_an_edge_under_the_beam_gives_two_echoes():
    """Flying level across the edge of a deep crater, the spot lies on both sides of its wall."""
    wall = {
        "kind": "crater", "east_m": 0.0, "north_m": 0.0, "diameter_m": 900.0, "depth_m": 400.0,
        "rim_height_m": 0.0, "degradation_frac": 0.0, "floor_frac": 0.9,
    }  # fmt: skip
    mission = level().replace(features=[wall], rangefinder={"divergence_mrad": 20.0})
    landers = LanderBatch(mission, scenario=exact(), ground=pack_terrain(mission), rows=256)
    landers.reset(height_m=2000.0, v_vertical_m_s=-100.0, v_lateral_m_s=10.0)
    two = echo(landers, "near_fraction") < 1.0
    assert two.any()
    apart = np.abs(echo(landers, "far_range") - echo(landers, "range"))
    assert (apart[two] > 3.0).all()

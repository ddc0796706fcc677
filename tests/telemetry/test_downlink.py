"""What the ground sees: late, at its rate, with gaps, by relay, until the signal is lost."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from lunar_env import ConfigError, load_mission
from lunar_env.data.constants import C_LIGHT, GM_MOON, OMEGA_MOON, R_MOON
from lunar_env.flyer import Flyer
from lunar_env.pilots import choose, resolve
from lunar_env.specs import load_scenario
from lunar_env.specs.downlink import DownlinkSpec, downlink_of
from lunar_env.specs.parts import load_part
from lunar_env.telemetry import Downlink
from lunar_env.telemetry.link import Link, Outages, relay_position

ZERO = np.zeros(3)


def flown(mission="hakuto-r-m2", scenario="as-flown", seed=0, pilot=None):
    name, task = choose(pilot, mission, scenario, None, None)
    return Flyer(resolve(name, task)).fly(seed)


@pytest.fixture(scope="module")
def resilience():
    return flown()


def true_height(flight, time_s):
    times = flight.quantity("privileged", "time_s")
    return float(np.interp(time_s, times, flight.quantity("privileged", "height_m")))


def views(downlink, step_s=0.05):
    """What the ground has, until a while after nothing changes any more."""
    return [downlink.at(t) for t in np.arange(0.0, downlink.end_s + 3.0, step_s).tolist()]


@pytest.mark.parametrize("seed", range(4))
def test_resilience_on_the_screen_goes_through_the_ground_while_it_still_flies(seed):
    """192 m and 42 m/s in the last frame; the picture fell on, to -223 m in the livestream."""
    flight = flown(seed=seed)
    downlink = Downlink.of(flight)
    seen = views(downlink)
    crossing = next(view for view in seen if view.frame is not None and view.height_m < 0.0)
    lost = next(view for view in seen if view.signal == "lost")
    last = lost.frame
    # The last frame is that of the last telemetry, as far as frames come every half second.
    assert 192.0 <= true_height(flight, last.time_s) <= 192.0 + 0.5 * 45.0
    assert -last.v_vertical_m_s == pytest.approx(42.0, rel=0.15)
    # The picture crosses zero with the lander in the air ...
    assert 20.0 < true_height(flight, crossing.time_s) < 40.0
    assert crossing.time_s < flight.quantity("privileged", "time_s")[-1]
    assert crossing.signal == "silent"
    # ... then the signal is lost, and the picture stays where it was.
    assert lost.time_s > crossing.time_s
    assert lost.height_m == pytest.approx(-223.0, abs=40.0)
    assert {view.height_m for view in seen if view.signal == "lost"} == {lost.height_m}
    assert lost.time_s == pytest.approx(downlink.end_s, abs=0.06)


def test_no_frame_holds_the_truth(resilience):
    """The lander believes itself 430 m too high: so does the ground, until the first range."""
    view = Downlink.of(resilience).at(12.0)
    assert view.frame.height_m - true_height(resilience, view.frame.time_s) > 300.0
    assert view.height_m - true_height(resilience, 12.0) > 300.0
    assert view.frame.beam_state == "SEARCH"
    assert math.isnan(view.frame.last_range_m)
    assert view.frame.tilt_rad < math.radians(5.0)


def test_frames_come_exactly_as_late_as_they_are(resilience):
    """Light time from the distance on that day, and half a second to the screen."""
    downlink = Downlink.of(resilience)
    late = (4.041e8 - R_MOON * math.cos(math.radians(60.5))) / C_LIGHT + 0.5
    assert late == pytest.approx(1.845, abs=0.002)
    assert downlink.at(late - 0.01).signal == "none"
    assert downlink.at(late - 0.01).frame is None
    first = downlink.at(late + 0.01)
    assert first.frame.time_s == 0.0
    assert first.age_s == pytest.approx(late + 0.01)
    for time_s in (5.0, 7.3, 11.9):
        sent = downlink.at(time_s).frame.time_s
        # Every 0.5 s, of instants that are 0.2 s apart.
        assert time_s - late - 0.5 - 0.2 < sent <= time_s - late + 0.001


def test_a_frame_is_what_the_lander_knew_when_it_was_sent(resilience):
    frame = Downlink.of(resilience).at(25.0).frame
    k = round(frame.time_s / 0.2)
    assert frame.height_m == resilience.beliefs[k, 0]
    assert frame.v_vertical_m_s == resilience.beliefs[k, 2]
    reckoned = resilience.quantity("observations", "dr_height_m")[k]
    assert frame.dead_reckoned_height_m == pytest.approx(reckoned)
    assert (frame.beam_state, frame.thrust_frac) == ("TRACK", pytest.approx(1.0, abs=0.01))


def test_its_signal_ends_in_the_air_with_its_recorded_faults_only():
    flight = flown(scenario="ideal", pilot="hoverslam+kalman")
    assert flight.outcome == "LANDED"
    downlink = Downlink.of(flight)
    end_s = flight.quantity("privileged", "time_s")[-1]
    assert downlink.at(end_s + 60.0).signal == "live"
    assert downlink.at(end_s + 60.0).frame.height_m == pytest.approx(0.0, abs=1.0)
    assert downlink.at(end_s + 60.0).age_s < 1.845 + 0.5 + 0.01
    assert end_s < downlink.end_s < end_s + 2.5


def test_a_lander_without_beliefs_sends_those_of_its_computer(resilience):
    view = Downlink.of(replace(resilience, beliefs=None)).at(30.0)
    k = round(view.frame.time_s / 0.2)
    height = resilience.quantity("observations", "est_height_m")[k]
    assert view.frame.height_m == pytest.approx(height)


def test_gaps_are_part_of_the_episode(resilience):
    spec = downlink_of(resilience.mission).replace(outage_every_s=8.0, outage_s=3.0)

    def gaps(key):
        seen = views(Downlink.of(replace(resilience, episode_key=key), spec), 0.25)
        return [view.time_s for view in seen if view.signal == "silent"]

    assert gaps(5) == gaps(5)
    assert gaps(5) != gaps(6)
    assert any(time_s < 25.0 for key in range(5) for time_s in gaps(key))


def test_outages_have_their_means():
    outages = Outages(100.0, 4.0, 1)
    covered = np.mean([outages.covers(t) for t in np.arange(0.0, 40_000.0, 5.0)])
    assert covered == pytest.approx(0.04, abs=0.012)
    assert not any(Outages(0.0, 4.0, 1).covers(t) for t in (0.0, 1e6))


def test_the_far_side_is_reached_by_relay_only():
    mission = load_mission("apex-1")
    direct, relayed = load_part("downlink", "direct"), downlink_of(mission)
    assert Link(direct, mission).delay_s(ZERO, 0.0) == math.inf
    way = Link(relayed, mission).delay_s(ZERO, 0.0)
    alpine = relay_position(relayed.relays[0], 0.0, GM_MOON, OMEGA_MOON)
    assert way > (3.844e8 + 6.0e6) / C_LIGHT + 0.5 + 0.2
    assert way < (3.844e8 + 30.0e6) / C_LIGHT + 0.5 + 0.2
    # At any time in a day at least one of the two is above the horizon of the site, at a descent.
    ways = [Link(relayed, mission).delay_s(ZERO, t) for t in np.arange(0.0, 3600.0, 60.0)]
    assert max(ways) < math.inf
    one = relayed.replace(relays=[relayed.to_table()["relays"][0]])
    assert Link(one, mission).delay_s(ZERO, 0.0) >= way
    assert np.linalg.norm(alpine) < 6.5414e6 * 1.6


def test_the_earth_sets_behind_the_moon():
    """From above the far side it rises at the height where the limb is passed."""
    mission = load_mission("hakuto-r-m2").replace(latitude_deg=0.0, longitude_deg=100.0)
    link = Link(load_part("downlink", "direct"), mission)
    beyond = math.radians(10.0) + math.asin(R_MOON / 3.844e8)
    horizon = R_MOON * (1.0 / math.cos(beyond) - 1.0)
    assert link.delay_s(np.array([0.0, 0.0, horizon - 300.0]), 0.0) == math.inf
    assert link.delay_s(np.array([0.0, 0.0, horizon + 300.0]), 0.0) < math.inf
    # On low ground of the near side the site itself is not in the way.
    near = Link(load_part("downlink", "direct"), load_mission("slim"))
    assert near.delay_s(np.array([0.0, 0.0, -500.0]), 0.0) < math.inf


@pytest.mark.parametrize(
    "mission", ["im-2", "chandrayaan-3", "apollo-11", "change-5", "peregrine-1"]
)
def test_sites_of_the_near_side_see_the_earth(mission):
    spec = load_mission(mission)
    assert 1.2 < Link(downlink_of(spec), spec).delay_s(ZERO, 0.0) < 2.0


def test_relays_move_on_their_orbits():
    relay = downlink_of(load_mission("apex-1")).relays[0]
    period = 2.0 * math.pi * math.sqrt(relay.semi_major_axis_m**3 / GM_MOON)
    assert period == pytest.approx(13.2 * 3600.0, rel=0.01)
    times = np.linspace(0.0, period, 721)
    places = np.array([relay_position(relay, t, GM_MOON, 0.0) for t in times])
    distance = np.linalg.norm(places, axis=1)
    a, e = relay.semi_major_axis_m, relay.eccentricity
    assert distance.max() == pytest.approx(a * (1.0 + e), rel=1e-4)
    assert distance.min() == pytest.approx(a * (1.0 - e), rel=1e-3)
    np.testing.assert_allclose(places[0], places[-1], atol=1.0)
    # The apoapsis is over the south, at the latitude of the inclination.
    far = places[distance.argmax()]
    assert math.degrees(math.asin(far[2] / distance.max())) == pytest.approx(-56.2, abs=0.1)
    # Energy: the speed is that of the orbit.
    speed = np.linalg.norm(np.gradient(places, times, axis=0), axis=1)[200]
    assert speed**2 == pytest.approx(GM_MOON * (2.0 / distance[200] - 1.0 / a), rel=1e-3)
    # Below it the Moon turns eastwards.
    east, then = (
        math.atan2(p[1], p[0])
        for p in (places[0], relay_position(relay, period, GM_MOON, OMEGA_MOON))
    )
    assert east - then == pytest.approx(OMEGA_MOON * period, rel=1e-6)


def test_wrong_figures_are_rejected():
    spec = downlink_of(load_mission("hakuto-r-m2"))
    for key, value in {"frame_period_s": 0.0, "earth_distance_m": 1.0, "silence_s": 0.0}.items():
        with pytest.raises(ConfigError, match=f"{key} = "):
            spec.replace(**{key: value})
    with pytest.raises(ConfigError, match="must be at least outage_s"):
        spec.replace(outage_every_s=1.0, outage_s=2.0)
    with pytest.raises(ConfigError, match="eccentricity = 1"):
        DownlinkSpec.from_table({**spec.to_table(), "relays": [{"name": "x", "eccentricity": 1.0}]})
    mars = load_mission("gaudet-altimeter-1km")
    with pytest.raises(ConfigError, match="no downlink from 'mars-gaudet'"):
        Downlink(mars, load_scenario("ideal"), 1)

"""The page of a flight: what the file holds and what it never loads."""

import dataclasses
import json
from html.parser import HTMLParser

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import lunar_env
from lunar_env.page import content, page_html
from lunar_env.page.content import content_of
from lunar_env.page.ground import FINEST_M
from lunar_env.page.shape import lander_shape
from lunar_env.task import Task
from lunar_env.telemetry.course import course_of

MOST_BYTES = 8e6
LOADING = {"src", "href", "srcset", "data", "poster", "action", "background"}


class Read(HTMLParser):
    """Text of elements by their tag and id, and every attribute that could load something."""

    def __init__(self, text):
        super().__init__()
        self.texts, self.loads, self.tags, self._open = {}, [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self.tags.append(tag)
        self._open = named.get("id", tag)
        self.loads += [named[name] for name in LOADING & set(named)]

    def handle_data(self, text):
        self.texts.setdefault(self._open, text)


@pytest.fixture(scope="module")
def html(flown):
    pytest.importorskip("plotly")
    return page_html(flown.flight, flown.env.ground)


def held(html):
    return json.loads(Read(html).texts["content"])


def column(page, name):
    return np.array(page["instants"][name], dtype=float)


def test_the_file_is_small_and_loads_nothing(html):
    assert len(html.encode()) < MOST_BYTES
    assert Read(html).loads == ["data:,"]
    assert "@import" not in html.partition("</style>")[0]


def test_the_browser_is_told_to_load_nothing(html):
    policy = html.partition('Content-Security-Policy" content="')[2].partition('"')[0]
    assert policy.startswith("default-src 'none';")
    assert "http" not in policy


def test_the_page_holds_the_flight_in_si_units(html, flown):
    page, course = held(html), course_of(flown.flight)
    same = {"rtol": 1e-6, "atol": 1e-9}
    for name in ("time_s", "height_m", "believed_height_m", "believed_sigma_m", "descent_m_s",
                 "believed_descent_m_s", "lateral_m_s", "thrust_frac", "propellant_kg",
                 "dead_reckoned_height_m"):  # fmt: skip
        np.testing.assert_allclose(column(page, name), getattr(course, name), **same, err_msg=name)
    assert [page["beam_states"][k] for k in page["instants"]["beam"]] == course.beam
    assert [event["name"] for event in page["events"]] == [e.name for e in flown.flight.events]


@pytest.mark.parametrize("which", ["flown", "flown_from_afar"])
def test_the_lander_stands_on_the_map_as_it_flew(which, request):
    flight, env = request.getfixturevalue(which)
    page = content_of(flight, env.ground)
    east, north = column(page, "east_m"), column(page, "north_m")
    distance = flight.quantity("privileged", "downrange_m")
    np.testing.assert_allclose(np.hypot(east, north), distance, rtol=1e-6)
    x, y = (flight.quantity("privileged", f"r_{axis}_m") for axis in "xy")
    np.testing.assert_allclose(np.arctan2(east, north), np.arctan2(x, y), atol=1e-5)
    attitude = Rotation.from_quat(column(page, "attitude"), scalar_first=True)
    tilt = np.arccos(np.clip(attitude.apply([0.0, 0.0, 1.0])[:, 2], -1.0, 1.0))
    np.testing.assert_allclose(tilt, flight.quantity("privileged", "tilt_rad"), atol=2e-5)


def test_the_feet_are_as_high_above_the_ground_as_they_flew(flown):
    page = content_of(flown.flight, flown.env.ground)
    places = np.stack([column(page, "east_m"), column(page, "north_m")], axis=1)
    feet = column(page, "altitude_m") - column(page, "com_height_m")
    above = feet - flown.env.ground(places, 0.0)
    # The lowest of the feet, of a lander that leans a little.
    np.testing.assert_allclose(above, column(page, "height_m"), atol=0.5)


def test_near_the_target_the_map_is_the_site(flown):
    page, flight = content_of(flown.flight, flown.env.ground), flown.flight
    for name, axis in (("east_m", "x"), ("north_m", "y")):
        site = flight.quantity("privileged", f"r_{axis}_m")
        # Along the surface, so less by the height over the Moon's radius.
        np.testing.assert_allclose(column(page, name), site, rtol=2e-3)


def test_ranges_are_those_that_arrived(flown):
    page = content_of(flown.flight, flown.env.ground)
    times, ranges = (np.array(page["ranges"][name]) for name in ("time_s", "range_m"))
    assert len(times) > 50
    truth = np.interp(times, column(page, "time_s"), column(page, "slant_range_m"))
    # A range is some tenths of a second old when it arrives.
    assert np.all(ranges > truth - 5.0)
    assert np.all(ranges - truth < 100.0)


def test_a_lander_without_a_laser_shows_its_radar(fly):
    flight, env = fly("own", Task("apollo-11", "noisy"), most_steps=100)
    page = content_of(flight, env.ground)
    assert page["ranges"]["time_s"] == []
    assert page["lander"]["boresight"] is None
    assert set(page["instants"]["slant_range_m"]) == {None}
    times, ranges = (np.array(page["radar_ranges"][name]) for name in ("time_s", "range_m"))
    assert len(times) > 10
    heights = np.interp(times, column(page, "time_s"), column(page, "height_m"))
    np.testing.assert_allclose(ranges, heights, rtol=0.1, atol=10.0)


def test_grids_hold_the_ground_of_the_episode_and_become_finer(flown):
    page = content_of(flown.flight, flown.env.ground)
    widths = []
    for grid in page["ground"]:
        x, y = np.array(grid["east_m"]), np.array(grid["north_m"])
        z = np.array(grid["elevation_m"], dtype=float)
        places = np.stack([x[[0, -1]], y[[0, 5]]], axis=1)
        expected = flown.env.ground(places, x[1] - x[0])
        np.testing.assert_allclose([z[0, 0], z[5, -1]], expected, rtol=1e-4, atol=1e-4)
        widths.append(0.5 * (x[-1] - x[0]))
    assert np.isnan(np.array(page["ground"][0]["elevation_m"], dtype=float)).any()
    assert not np.isnan(z).any()
    assert widths == sorted(widths, reverse=True)
    assert FINEST_M <= widths[-1] < 4.0 * FINEST_M
    path = np.abs(column(page, "east_m") - x.mean()), np.abs(column(page, "north_m") - y.mean())
    assert np.max(path) <= widths[0]


@pytest.mark.parametrize("mission", lunar_env.list_missions())
def test_every_lander_is_as_large_as_its_vehicle(mission):
    vehicle = lunar_env.load_mission(mission).vehicle
    shape = lander_shape(vehicle)
    corners = np.array(shape.corners_m)
    assert 0.8 * vehicle.gear.nose_m <= corners[:, 2].max() <= vehicle.height_m + 1e-9
    # Small nozzles of a lander that lies close to the ground may reach below the pads.
    assert -0.25 * vehicle.height_m < corners[:, 2].min() <= 0.0
    reach = np.hypot(corners[:, 0], corners[:, 1]).max()
    wide = 0.5 * vehicle.gear.footprint_diameter_m
    assert wide <= reach <= wide + 0.2 * vehicle.height_m + vehicle.gear.hull_radius_m
    assert np.max(shape.triangles) == len(corners) - 1
    assert len(shape.colors) == len(shape.triangles)


def test_names_are_text_whatever_they_hold(flown):
    pytest.importorskip("plotly")
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)> & 'so' \"on\""
    mission = flown.flight.mission.model_copy(update={"title": evil})
    flight = dataclasses.replace(flown.flight, mission=mission, pilot=evil)
    text = page_html(flight, flown.env.ground)
    read = Read(text)
    assert read.texts["title"] == evil
    assert json.loads(read.texts["content"])["mission"] == evil
    assert "img" not in read.tags
    assert read.tags.count("script") == 3


def test_a_flight_without_beliefs_has_no_believed_values(flown):
    flight = dataclasses.replace(flown.flight, beliefs=None)
    page = content_of(flight, flown.env.ground)
    assert set(page["instants"]["believed_height_m"]) == {None}
    json.dumps(page, allow_nan=False)


def test_a_long_flight_is_thinned_and_keeps_its_end(flown, monkeypatch):
    monkeypatch.setattr(content, "MOST_INSTANTS", 50)
    page = content_of(flown.flight, flown.env.ground)
    times = column(page, "time_s")
    assert 40 < len(times) <= 51
    assert times[-1] == flown.flight.quantity("privileged", "time_s")[-1]
    assert {len(values) for values in page["instants"].values()} == {len(times)}

"""Engines: rings, their places and directions, and the rules of each kind."""

import math

import pytest

from lunar_env.errors import ConfigError
from lunar_env.specs import EngineSpec, VehicleSpec, list_missions, load_mission

LANDERS = {load_mission(name).vehicle.name: load_mission(name).vehicle for name in list_missions()}
SIMPLE: dict[str, object] = {
    "name": "main",
    "kind": "continuous",
    "thrust_N": 1000.0,
    "restartable": True,
    "isp_s": 300.0,
    "dead_time_s": 0.0,
    "lag_up_s": 0.1,
    "lag_down_s": 0.1,
    "radius_m": 0.0,
    "z_m": 0.0,
}
PULSED = {**SIMPLE, "kind": "pulsed", "min_on_s": 0.02}


def engine(**changes: object) -> EngineSpec:
    return EngineSpec.from_table({**SIMPLE, **changes})


def lander(*engines: dict[str, object], steering: str = "thrusters") -> VehicleSpec:
    return LANDERS["series-1"].replace(engines=list(engines), steering=steering)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "pulse"}, "must be one of continuous, pulsed, on_off; did you mean 'pulsed'"),
        ({"kind": "pulsed"}, "'main' is pulsed, with min_on_s = 0: a pulsed engine has a"),
        ({"min_on_s": 0.02}, "'main' is continuous, with min_on_s = 0.02"),
        (
            {**PULSED, "throttle_min_frac": 0.1},
            "pulsed: it must have neither throttle_min_frac nor gaps",
        ),
        (
            {"kind": "on_off", "gap_low_frac": 0.5, "gap_high_frac": 0.9},
            "on_off: it must have neither throttle_min",
        ),
        ({"gap_low_frac": 0.9, "gap_high_frac": 0.6}, "gap_low_frac = 0.9 must be below"),
        ({"gap_high_frac": 0.9}, "gap_low_frac = 1 must be below gap_high_frac = 0.9"),
        (
            {"throttle_min_frac": 0.5, "gap_low_frac": 0.4, "gap_high_frac": 0.6},
            "not below throttle_min_frac = 0.5",
        ),
        ({"gimbal_max_deg": 6.0}, "gimbal_rate_deg_s = 0 must be > 0 exactly where"),
        ({"gimbal_rate_deg_s": 6.0}, "gimbal_max_deg = 0 is"),
        ({"count": 2}, "count = 2: engines at radius_m = 0 have the same position"),
        ({"count": 9}, "count = 9: must be >= 1 and <= 8"),
        ({"throttle_min_frac": 1.0}, "must be >= 0 and < 1"),
        ({"cant_deg": 61.0}, "must be >= -60 and <= 60"),
        ({"isp_s": 0.0}, "isp_s = 0.0: must be > 0 and <= 1000"),
    ],
)
def test_errors_name_the_invalid_engine_value(change: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        engine(**change)


def test_isp_is_constant_unless_said_otherwise() -> None:
    assert engine().isp_floor_s == 300.0
    assert engine(isp_floor_s=290.0).isp_floor_s == 290.0


def test_throttle_floors_depend_on_the_kind_of_engine() -> None:
    assert engine(throttle_min_frac=0.4).floor_frac == 0.4
    assert engine(**PULSED).floor_frac == 0.0
    assert engine(kind="on_off").floor_frac == 1.0


def test_a_ring_is_evenly_spread() -> None:
    ring = engine(count=4, radius_m=0.7, azimuth_deg=45.0, z_m=0.3).fitted
    assert [one.name for one in ring] == ["main-1", "main-2", "main-3", "main-4"]
    half = 0.7 / math.sqrt(2.0)
    assert ring[0].place_m == pytest.approx((half, half, 0.3))
    assert ring[1].place_m == pytest.approx((-half, half, 0.3))
    assert all(one.direction == pytest.approx((0.0, 0.0, 1.0)) for one in ring)
    # Together their thrust lines are balanced about any centre of mass on the axis.
    assert sum(one.place_m[0] for one in ring) == pytest.approx(0.0, abs=1e-12)


def test_cant_moves_the_thrust_line_towards_the_axis() -> None:
    straight = engine(radius_m=0.2, azimuth_deg=90.0, z_m=0.3).fitted[0]
    assert straight.miss_distance_m(0.9) == pytest.approx(0.2)
    # A nozzle that leans outwards by atan(0.2 / 0.6) pushes through a point 0.6 m above it.
    through = engine(
        radius_m=0.2, azimuth_deg=90.0, z_m=0.3, cant_deg=math.degrees(math.atan(0.2 / 0.6))
    ).fitted[0]
    assert through.miss_distance_m(0.9) == pytest.approx(0.0, abs=1e-12)
    assert through.direction[1] < 0.0 < through.direction[2]
    assert math.hypot(*through.direction) == pytest.approx(1.0)


def test_totals_over_all_engines_are_correct() -> None:
    beside = {**PULSED, "name": "ring", "count": 2, "radius_m": 0.5, "thrust_N": 500.0}
    both = lander(SIMPLE | {"throttle_min_frac": 0.4, "cut_below_frac": 0.5}, beside)
    assert both.thrust_max_N == 2000.0
    assert [one.name for one in both.engine_list] == ["main", "ring-1", "ring-2"]
    assert both.throttle_min_frac == 0.0
    assert lander({**SIMPLE, "throttle_min_frac": 0.4}, beside).throttle_min_frac == 0.2
    thrifty = {**beside, "isp_s": 200.0}
    assert lander(SIMPLE, thrifty).isp_s == pytest.approx(2.0 / (1.0 / 300.0 + 1.0 / 200.0))
    slow = {**beside, "dead_time_s": 0.05, "lag_down_s": 0.2}
    assert lander(SIMPLE, slow).engine_lag_s == pytest.approx(0.25)
    assert not lander(SIMPLE, {**beside, "restartable": False}).restartable


@pytest.mark.parametrize(
    ("engines", "message"),
    [
        (
            [{**SIMPLE, "name": str(k), "count": 3, "radius_m": 0.5} for k in range(3)],
            "engines = 9 in all: must be at most 8",
        ),
        ([SIMPLE, SIMPLE], "main, main: names must differ"),
        ([{**SIMPLE, "cut_below_frac": 0.5}], "above 0 for all engines"),
    ],
)
def test_engines_must_fit_the_lander(engines: list[dict[str, object]], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        lander(*engines)


def test_steering_by_throttle_needs_engines_off_the_axis() -> None:
    ring = {**PULSED, "name": "ring", "radius_m": 0.5}
    assert lander(SIMPLE, {**ring, "count": 3}, steering="engines").steering == "engines"
    with pytest.raises(ConfigError, match=r"at least three engines.*has 2"):
        lander(SIMPLE, {**ring, "count": 2}, steering="engines")
    with pytest.raises(ConfigError, match="has 0"):
        lander(
            {**SIMPLE, "name": "ring", "kind": "on_off", "count": 4, "radius_m": 0.5},
            steering="engines",
        )


@pytest.mark.parametrize("name", sorted(LANDERS))
def test_the_engines_of_a_lander_are_balanced(name: str) -> None:
    ship = LANDERS[name]
    for axis in (0, 1):
        moment = sum(one.spec.thrust_N * one.place_m[axis] for one in ship.engine_list)
        assert moment == pytest.approx(0.0, abs=1e-9)
        aside = sum(one.spec.thrust_N * one.direction[axis] for one in ship.engine_list)
        assert aside == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("name", sorted(LANDERS))
def test_thrusters_and_gimbals_can_balance_misaligned_thrust(name: str) -> None:
    # Three sigma of what thrust, direction and centre of mass of a unit may be off, added up.
    ship = LANDERS[name]
    spread = {k: getattr(ship.dispersion, k).parameters[1] for k in ("thrust_frac", "com_offset_m")}
    angle = math.radians(ship.dispersion.thrust_direction_deg.parameters[1])
    variance, gimbal = 0.0, 0.0
    for one in ship.engine_list:
        thrust, arm = one.spec.thrust_N, abs(ship.com_z_dry_m - one.place_m[2])
        variance += (thrust * angle * arm) ** 2
        variance += (thrust * spread["thrust_frac"] * one.miss_distance_m(ship.com_z_dry_m)) ** 2
        gimbal += thrust * arm * math.sin(math.radians(one.spec.gimbal_max_deg))
    variance += (ship.thrust_max_N * spread["com_offset_m"]) ** 2
    assert ship.rcs.torque_max_xy_N_m + gimbal > 3.0 * math.sqrt(variance)


def test_slim_can_hold_itself_on_one_engine() -> None:
    # 12 thrusters of 20 N hold about 70 N m: its thrust lines must pass near the centre of mass.
    slim = LANDERS["slim"]
    for one in slim.engine_list:
        assert one.miss_distance_m(slim.com_z_dry_m) < 0.1
        assert one.spec.thrust_N * one.miss_distance_m(slim.com_z_dry_m) < (
            0.6 * slim.rcs.torque_max_xy_N_m
        )


def test_vikram_can_come_down_on_two_opposite_engines() -> None:
    vikram = LANDERS["vikram"]
    stay = [one for one in vikram.engine_list if one.spec.cut_below_frac == 0.0]
    assert [vikram.engine_list.index(one) + 1 for one in stay] == [1, 2]
    assert stay[0].place_m[:2] == pytest.approx([-x for x in stay[1].place_m[:2]])
    cut = vikram.engines[1].cut_below_frac
    # Together they give more than what the others are cut at.
    assert sum(one.spec.thrust_N for one in stay) > cut * vikram.thrust_max_N

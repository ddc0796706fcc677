"""No number of a file is without bounds, and none makes a step without end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lunar_env import LunarLandingEnv
from lunar_env.errors import ConfigError
from lunar_env.specs import ScenarioSpec, load_mission, load_scenario
from lunar_env.specs.base import Spec
from lunar_env.specs.downlink import downlink_of
from lunar_env.specs.pack_rangefinder import places_in_flight
from lunar_env.specs.quantity import Draw

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = (
    *(load_mission("slim"), load_mission("hakuto-r-m2"), load_mission("gaudet-altimeter-1km")),
    *(load_scenario("everything"), load_scenario("engine-out")),
    load_scenario("as-flown", "im-2"),
    *(downlink_of(load_mission(mission)) for mission in ("hakuto-r-m2", "apex-1")),
)


def specs(spec: Spec) -> Iterator[Spec]:
    yield spec
    for name in type(spec).model_fields:
        value = getattr(spec, name)
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, Spec):
                yield from specs(inner)


def name_of(part: object) -> str:
    return getattr(part, "__name__", str(part))


def is_above_zero(kind: type[Spec], name: str) -> bool:
    return any(getattr(bound, "gt", None) == 0.0 for bound in kind.model_fields[name].metadata)


# One example of every table that can be written.
TABLES = {type(spec): spec for example in EXAMPLES for spec in specs(example)}
NUMBERS = [
    (kind, name)
    for kind, spec in TABLES.items()
    for name in spec._quantity_names()
    if not isinstance(getattr(spec, name), bool | None)
]


def test_every_table_has_an_example():
    def below(kind: type[Spec]) -> set[type[Spec]]:
        return {kind}.union(*(below(each) for each in kind.__subclasses__()))

    known = {kind for kind in below(Spec) if kind.__module__.startswith("lunar_env.")}
    bases = {"Spec", "ChannelSpec", "DemSpec"}  # a measured ground does not ship
    assert {kind.__name__ for kind in known} - bases <= {kind.__name__ for kind in TABLES}


def with_number(kind: type[Spec], name: str, number: float) -> Spec:
    table, value = TABLES[kind].to_table(), getattr(TABLES[kind], name)
    if isinstance(value, tuple):
        return kind.from_table({**table, name: [-abs(number), abs(number)]})
    whole = isinstance(value, int)
    return kind.from_table({**table, name: int(number) if whole else number})


@pytest.mark.parametrize(("kind", "name"), NUMBERS, ids=name_of)
def test_a_number_has_bounds(kind, name):
    for number in (1e300, -1e300, 1e19):
        with pytest.raises(ConfigError, match=name) as caught:
            with_number(kind, name, number)
        assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind, name in NUMBERS if is_above_zero(kind, name)],
    ids=name_of,
)
def test_positive_values_cannot_be_arbitrarily_close_to_zero(kind, name):
    with pytest.raises(ConfigError, match=name):
        with_number(kind, name, 1e-300)


SLOPE = {
    **{"kind": "hillside", "east_m": 0.0, "north_m": 0.0, "slope_deg": 5.0},
    **{"azimuth_deg": 0.0, "half_length_m": 100.0},
}


def refused(changes: dict[str, object], mission: str = "hakuto-r-m2") -> str:
    with pytest.raises(ConfigError) as caught:
        load_mission(mission).replace(**changes)
    return str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"rangefinder": {"prf_Hz": 1e15}},
            "prf_Hz = 1000000000000000.0: must be >= 0.01 and <= 1e+06",
        ),
        (
            {"rangefinder": {"prf_Hz": 1e5, "accumulated_shots": 1}},
            "makes 20,000 ranges in a control period of 0.2 s, at most 1,000",
        ),
        ({"rangefinder": {"bus_period_s": 1e6}}, "bus_period_s"),
        ({"contact_tick_s": 0.0025}, "contact_tick_s = 0.0025: must be > 0 and <= 0.002"),
        ({"contact_tick_s": 0.05}, "contact_tick_s = 0.05: must be > 0 and <= 0.002"),
        ({"contact_tick_s": 1e-6}, "must not hold more than 20,000 times contact_tick_s"),
        ({"tick_s": 1e-4, "contact_tick_s": 1e-4}, "must not hold more than 1,000 times tick_s"),
        ({"tick_s": 0.4, "control_period_s": 0.4}, "tick_s = 0.4: must be > 0 and <= 0.2"),
        ({"control_period_s": 20.0}, "control_period_s = 20.0: must be > 0 and <= 10"),
        ({"time_limit_s": 1e6}, "time_limit_s = 1e+06: must be from 1e-06 to 100000 s"),
        ({"features": [SLOPE] * 5}, "features: must hold at most 4"),
        ({"name": "a" * 200}, "name = 'aaa"),
    ],
)
def test_values_that_make_a_step_too_long_are_rejected(changes, message):
    assert message in refused(changes)


def test_the_number_of_ranges_in_transit_is_limited():
    mission = load_mission("hakuto-r-m2").replace(
        rangefinder={"prf_Hz": 1000.0, "accumulated_shots": 1}
    )
    late = load_scenario("latency").replace(extra_latency_s=9.0)
    with pytest.raises(ConfigError, match=r"\d+ ranges can be on their way .* at most 1024"):
        LunarLandingEnv(mission=mission, scenario=late)
    env = LunarLandingEnv(mission=mission, scenario="ideal")
    with pytest.raises(ConfigError, match="at most 1024"):
        env.reset(options={"scenario": late})


def test_the_fastest_unit_that_is_allowed_keeps_its_samples():
    mission = load_mission("hakuto-r-m2").replace(
        rangefinder={"prf_Hz": 5000.0, "accumulated_shots": 1, "bus_period_s": 0.0}
    )
    assert 200 < places_in_flight(mission, [load_scenario("ideal")]) <= 1024


def test_the_mean_of_an_exponential_distribution_is_its_parameter():
    """A phase that is drawn from one has a plan with finite numbers."""
    speed = Draw("exponential", (50.0,))
    phase = {"approach": {"v_forward_m_s": {"exponential": [50.0]}}}
    mission = load_mission("hakuto-r-m2").replace(phases=phase)
    assert mission.phases.named("approach").v_forward_m_s == speed
    env = LunarLandingEnv(mission=mission, phase="approach", control="thrust_vector")
    env.reset(seed=0)
    _, reward, *_ = env.step(env.action_space.sample())
    assert abs(reward) < 1e6


def test_a_long_list_of_wrong_entries_is_rejected_quickly():
    noisy = load_scenario("noisy").to_table()
    with pytest.raises(ConfigError, match="faults: must hold at most 1000 entries, holds 300,000"):
        ScenarioSpec.from_table({**noisy, "faults": [1] * 300_000})

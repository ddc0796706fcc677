"""``fly``: one landing as a time line, a film or a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from lunar_env.errors import ConfigError
from lunar_env.files import optional_output
from lunar_env.rendering.film import check_film, write_film
from lunar_env.specs import FlightSpec, load_scenario
from training.fly import FILM_FPS, film_frames, fly_landing, make_env
from training.missions.flights import OWN
from training.pilots import prepare
from training.tables import number
from training.task import Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from training.fly import Flight, Moment
    from training.options import Fly

__all__ = ["run"]

PILOT = "hoverslam+kalman"


def run(options: Fly, out: Console) -> Mapping[str, object]:
    """Fly.

    Parameters
    ----------
    options : Fly
        What was asked for.
    out : Console
        Where people read.

    Returns
    -------
    mapping
        How it ended.
    """
    if options.seed is not None and options.episode_key is not None:
        raise ConfigError("give either --seed or --episode-key: both name the episode")
    if options.out is not None:
        check_film(options.out)
    seed = 0 if options.seed is None and options.episode_key is None else options.seed
    pilot, task = _asked(options)
    entry = prepare(pilot, task)
    env = make_env(entry.task, "human" if options.window else None)
    env.pilot = entry.label
    with optional_output(options.out) as film:
        flight = fly_landing(env, entry.pilot, seed, options.episode_key)
        env.close()
        out.print(_time_line(flight, options.every_s, f"{entry.label}, {options.scenario}"))
        out.print(_ending(flight), soft_wrap=True)
        if film is not None:
            write_film(film, film_frames(entry, flight.episode_key), FILM_FPS)
    if options.out is not None:
        out.print(f"film: {options.out}", soft_wrap=True)
    return {"pilot": entry.label, "seed": seed, **flight.to_dict()}


def _asked(options: Fly) -> tuple[str, Task]:
    """Pilot and task; what is not given is that of the flight, where one is flown."""
    scenario = load_scenario(options.scenario, options.mission)
    usual = PILOT, "throttle", "terminal"
    if isinstance(scenario, FlightSpec):
        usual = OWN, scenario.control, scenario.phase
    given = options.pilot, options.control, options.phase
    pilot, control, phase = (mine or other for mine, other in zip(given, usual, strict=True))
    return pilot, Task(options.mission, options.scenario, control=control, phase=phase)


def _time_line(flight: Flight, every_s: float, title: str) -> Table:
    table = Table(title=title)
    for name in ("t [s]", "height [m]", "believed", "down [m/s]", "lateral", "thrust", "kg"):
        table.add_column(name, justify="right")
    table.add_column("beam")
    table.add_column("last range [m]", justify="right")
    for moment in _chosen(flight.moments, every_s):
        age = f" ({moment.last_range_age_s:.1f} s)" if moment.last_range_m > 0 else ""
        table.add_row(
            f"{moment.time_s:.1f}",
            f"{moment.height_m:.1f}",
            f"{moment.believed_height_m:.1f}",
            f"{-moment.v_vertical_m_s:.2f}",
            f"{moment.v_lateral_m_s:.2f}",
            f"{100 * moment.thrust_frac:.0f} %",
            f"{moment.propellant_kg:.1f}",
            moment.beam,
            f"{number(moment.last_range_m)}{age}",
        )
    return table


def _chosen(moments: Sequence[Moment], every_s: float) -> list[Moment]:
    """Return a moment now and then, every change of the beam, and the end."""
    chosen: list[Moment] = []
    for moment in moments:
        due = not chosen or moment.time_s - chosen[-1].time_s >= every_s - 1e-6
        if due or moment.beam != chosen[-1].beam or moment is moments[-1]:
            chosen.append(moment)
    return chosen


def _ending(flight: Flight) -> str:
    text = f"[bold]{flight.outcome}[/]"
    if flight.touchdown is not None:
        text += (
            f" at {flight.touchdown['v_vertical_m_s']:.2f} m/s down, "
            f"{flight.touchdown['v_lateral_m_s']:.2f} m/s sideways, "
            f"{flight.touchdown['tilt_deg']:.1f} deg"
        )
    seen = flight.first_fix_alt_m
    text += f"; first valid range at {number(seen, 0)} m" if seen == seen else "; never saw ground"
    text += "" if flight.recoverable else "; full thrust after 1 s would not have saved it"
    return f"{text}; episode key {flight.episode_key}"

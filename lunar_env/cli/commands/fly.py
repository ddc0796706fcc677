"""``fly``: one landing, printed, shown and recorded; or statistics of many landings."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from lunar_env.cli.broadcast import broadcast
from lunar_env.cli.display import Show, check_show, ending, on_screen, show, summary_of
from lunar_env.cli.ground import ground_summary, ground_table
from lunar_env.cli.landings import count, fly_landings, landing_of, print_count
from lunar_env.cli.plot import check_plot, plot_bytes
from lunar_env.cli.time_line import time_line
from lunar_env.errors import ConfigError
from lunar_env.files import optional_output, require_suffix
from lunar_env.flyer import Flyer
from lunar_env.pilots import choose, resolve
from lunar_env.rendering.film import check_film
from lunar_env.telemetry import Downlink, csv_text, flight_bytes
from lunar_env.telemetry.live import check_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import Console

    from lunar_env.cli.landings import Landing
    from lunar_env.cli.options import Fly
    from lunar_env.pilots import Entry
    from lunar_env.task import Task

__all__ = ["run"]


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
        Summary of the flight as far as it was flown; of several landings, counts and each landing.
    """
    _check(options)
    name, task = choose(
        options.pilot, options.mission, options.scenario, options.control, options.phase
    )
    entry = resolve(name, task, trust_code=options.trust_code)
    if options.landings == 1:
        return _one(options, entry, out)
    if options.window or options.film is not None or options.telemetry is not None:
        landings = _shown(options, entry)
    else:
        landings = fly_landings(entry, _seeds(options))
    print_count(entry, landings, _command(options, name, task), out)
    return count(entry, landings)


def _command(options: Fly, name: str, task: Task) -> list[str]:
    """Return what flies one of these landings, but for its seed."""
    words = ["lunar-env", "fly", "--pilot", name]
    for option in ("mission", "scenario", "control", "phase"):
        words += [f"--{option}", str(getattr(task, option))]
    return [*words, "--trust-code"] if options.trust_code else words


def _check(options: Fly) -> None:
    """Check the options before anything is flown."""
    check_show(_how(options))
    if options.seed is not None and options.episode_key is not None:
        raise ConfigError("--seed and --episode-key exclude each other: each selects the episode")
    if options.window and options.film is not None:
        raise ConfigError("--window and --film exclude each other: give one of them")
    if options.seed is not None and options.seed < 0:
        raise ConfigError(f"seed = {options.seed} must not be negative")
    if options.landings < 1:
        raise ConfigError(f"landings = {options.landings} must be at least 1")
    if not options.every_s > 0.0:
        raise ConfigError(f"every_s = {options.every_s:g} must be positive")
    single = ("episode_key", "record", "csv", "plot", "live")
    for name in single if options.landings > 1 else ():
        if getattr(options, name) is not None:
            flag = name.replace("_", "-")
            raise ConfigError(f"--{flag} needs --landings 1, not {options.landings}")
    if options.live is not None:
        check_port("live", options.live)
    if options.downlink and options.landings > 1:
        raise ConfigError(f"--downlink needs --landings 1, not {options.landings}")
    _check_files(options)


def _check_files(options: Fly) -> None:
    if options.film is not None:
        check_film(options.film)
    if options.plot is not None:
        check_plot(options.plot)
    if options.record is not None:
        require_suffix(options.record, (".npz",), "a recorded flight")
    if options.csv is not None:
        require_suffix(options.csv, (".csv",), "a table")


def _seeds(options: Fly) -> range:
    first = options.seed or 0
    return range(first, first + options.landings)


def _one(options: Fly, entry: Entry, out: Console) -> Mapping[str, object]:
    """Fly one landing, print it, and write the files asked for."""
    seed = None if options.episode_key is not None else options.seed or 0
    flyer = Flyer(entry, options.telemetry)
    with (
        closing(flyer),
        optional_output(options.record) as record,
        optional_output(options.csv) as table,
        optional_output(options.plot) as plot,
    ):
        instants = flyer.instants(seed, options.episode_key)
        rate = _rate(options, flyer)
        with broadcast(flyer, options.live, rate, out, as_ground=options.downlink) as live:
            _show(options, flyer, instants if live is None else live.follow(instants))
        flight = flyer.recorder.flight
        # Written before anything is printed, since printing fails on a closed pipe.
        # One after the other: where the disk is full, what came before is there.
        if record is not None:
            record.write(flight_bytes(flight))
            record.finish()
        if table is not None:
            table.write(csv_text(flight))
            table.finish()
        if plot is not None:
            plot.write(plot_bytes(flight, plot.path.suffix))
    out.print(time_line(flight, options.every_s, out.width))
    out.print(ending(flight), soft_wrap=True)
    if not options.downlink:
        return summary_of(flight)
    downlink = Downlink.of(flight)
    out.print(ground_table(flight, downlink, options.every_s))
    return {**summary_of(flight), "ground": ground_summary(flight, downlink)}


def _shown(options: Fly, entry: Entry) -> list[Landing]:
    """Fly several landings, one after another: in the window, on one film, in one recording."""
    flyer, landings = Flyer(entry, options.telemetry), []

    def every() -> Iterator[None]:
        for seed in _seeds(options):
            yield from flyer.instants(seed)
            landings.append(landing_of(flyer.recorder.flight))

    with closing(flyer):
        _show(options, flyer, every())
    return landings


def _how(options: Fly) -> Show:
    return Show(options.speed, options.size, options.fps)


def _show(options: Fly, flyer: Flyer, instants: Iterator[None]) -> None:
    with optional_output(options.film) as film, on_screen("use --film PATH"):
        show(instants, flyer.env, _how(options), film, headless=not options.window)


def _rate(options: Fly, flyer: Flyer) -> float:
    """Instants per second."""
    return options.speed / flyer.env.settings.mission.control_period_s

"""``replay``: a recorded flight, flown again, compared and shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from lunar_env import LunarLandingEnv
from lunar_env.belief import Belief
from lunar_env.cli.display import Show, check_show, ending, on_screen, show, summary_of
from lunar_env.cli.ground import ground_summary, ground_table
from lunar_env.cli.plot import check_plot, plot_bytes
from lunar_env.cli.program import Done
from lunar_env.errors import ConfigError
from lunar_env.files import optional_output, require_suffix
from lunar_env.page import check_page, page_html
from lunar_env.reflight import fly_again
from lunar_env.rendering.film import check_film
from lunar_env.telemetry import Downlink, Replay, csv_text, load_flight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from lunar_env.cli.options import Replay as Options
    from lunar_env.telemetry import Difference, Flight

__all__ = ["run"]

_EVERY_S = 5.0  # between the lines of a table


def run(options: Options, out: Console) -> Done:
    """Fly again.

    Parameters
    ----------
    options : Replay
        What was asked for.
    out : Console
        Where people read.

    Returns
    -------
    Done
        ``identical`` and the first ``difference``; not well where there is one.
    """
    _check(options)
    flight, difference = _opened(options, out)
    env = LunarLandingEnv(**flight.keywords())
    with (
        optional_output(options.html) as page,
        optional_output(options.csv) as table,
        optional_output(options.plot) as plot,
    ):
        replay = _replay(options, flight, env)
        if page is not None:
            page.write(page_html(flight, env.ground))
            page.finish()
        if table is not None:
            table.write(csv_text(flight))
            table.finish()
        if plot is not None:
            plot.write(plot_bytes(flight, plot.path.suffix))
    difference = difference or replay.difference
    out.print(ending(flight), soft_wrap=True)
    for event in flight.events:
        out.print(Text(f"  {event.time_s:6.1f} s  {event.height_m:7.1f} m  {event.name}"))
    if difference is None:
        out.print(Text(f"identical: all {replay.flown} steps reproduced bit for bit"))
    else:
        out.print(Text(f"differs: {difference}"), soft_wrap=True)
    same = difference is None
    content: dict[str, object] = {
        "identical": same,
        "difference": difference and difference._asdict(),
    }
    if options.downlink:
        downlink = Downlink.of(flight)
        out.print(ground_table(flight, downlink, _EVERY_S))
        content["ground"] = ground_summary(flight, downlink)
    return Done({**summary_of(flight), "steps_compared": replay.flown, **content}, ok=same)


def _check(options: Options) -> None:
    """Check the options before anything is flown."""
    check_show(_how(options))
    for name in ("row", "episode"):
        if getattr(options, name) < 0:
            raise ConfigError(f"{name} = {getattr(options, name)} must not be negative")
    if options.out is not None:
        check_film(options.out)
    if options.html is not None:
        check_page(options.html)
    if options.csv is not None:
        require_suffix(options.csv, (".csv",), "a table")
    if options.plot is not None:
        check_plot(options.plot)


def _opened(options: Options, out: Console) -> tuple[Flight, Difference | None]:
    """Read the flight; one of a recording is flown again, and may differ."""
    if not options.file.is_dir():
        if options.row or options.episode:
            raise ConfigError(
                f"{options.file}: holds one flight: --row and --episode are for folders"
            )
        return load_flight(options.file), None
    from lunar_env.telemetry import load_recording  # needs an extra

    recording = load_recording(options.file)
    own = [episode for episode in recording.episodes if episode.row == options.row]
    flight, difference = fly_again(recording, options.row, options.episode)
    state = "" if recording.finished else ", which was not finished"
    out.print(
        Text(f"episode {options.episode} of {len(own)} of row {options.row} of a recording{state}")
    )
    return flight, difference


def _replay(options: Options, flight: Flight, env: LunarLandingEnv) -> Replay:
    """Fly it again to its end, shown as asked for."""
    env.pilot = flight.pilot
    replay = Replay(flight, env)
    instants = _instants(replay, env)
    instead = "use --out PATH for a film, --html PATH for a page, or --headless"
    with optional_output(options.out) as film, on_screen(instead):
        headless = options.headless or options.html is not None
        show(instants, env, _how(options), film, headless=headless)
    for _ in instants:  # a window closed early ends the show, not the comparison
        pass
    return replay


def _how(options: Options) -> Show:
    return Show(options.speed, options.size, options.fps)


def _instants(replay: Replay, env: LunarLandingEnv) -> Iterator[None]:
    """Fly again, believing what was believed."""
    beliefs = replay.flight.beliefs
    for k in replay.instants():
        env.belief = None if beliefs is None else Belief(*beliefs[k].tolist())
        yield

"""``play``: a landing by hand, and its score against a pilot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lunar_env.cli.display import ending, on_screen, summary_of
from lunar_env.cli.program import Done
from lunar_env.cli.streams import PatientLines
from lunar_env.errors import ConfigError
from lunar_env.files import optional_output, require_suffix
from lunar_env.pilots import choose
from lunar_env.play import Game, Rival, Score, better, level_named, level_of_control
from lunar_env.rendering.window import require_screen
from lunar_env.telemetry import flight_bytes

if TYPE_CHECKING:
    from rich.console import Console

    from lunar_env.cli.options import Play
    from lunar_env.telemetry import Flight

__all__ = ["run"]

VERDICTS = {1: "player", 0: "neither", -1: "pilot"}


def run(options: Play, out: Console) -> Done:
    """Play until the window is closed.

    Parameters
    ----------
    options : Play
        What was asked for.
    out : Console
        Where people read.

    Returns
    -------
    Done
        How the last flight went; ``against``, how that of the pilot did, or null; ``better``, which
        of the two: player, pilot, neither or null.
    """
    if options.seed is not None and options.seed < 0:
        raise ConfigError(f"seed = {options.seed} must not be negative")
    if options.max_steps is not None and options.max_steps < 1:
        raise ConfigError(f"max_steps = {options.max_steps} must be at least 1")
    if options.record is not None:
        require_suffix(options.record, (".npz",), "a recorded flight")
    lines = PatientLines(out)
    with optional_output(options.record) as record:
        with on_screen("`lunar-env fly --film PATH` films a pilot's landing"):
            own, other = _play(options, lines)
        if record is not None:
            record.write(flight_bytes(own))
    lines.raise_error()
    won = None if other is None else VERDICTS[better(Score.of(own), Score.of(other))]
    against = None if other is None else summary_of(other)
    return Done({**summary_of(own), "against": against, "better": won})


def _play(options: Play, lines: PatientLines) -> tuple[Flight, Flight | None]:
    """Play; return the last flight, and the pilot's."""
    chosen = None if options.level is None else level_named(options.level)
    control = None if chosen is None else chosen.control
    _, task = choose(None, options.mission, options.scenario, control, options.phase)
    level = chosen or level_of_control(task.control)
    rival = Rival(options.against, trust_code=options.trust_code)
    rival.check(level, task)
    require_screen()
    game = Game(
        task,
        level,
        rival,
        seed=options.seed,
        show_truth=options.show_truth,
        max_steps=options.max_steps,
        tell=lambda flight: lines.print(f"{flight.pilot}: {ending(flight)}"),
    )
    game.play()
    return game.flights

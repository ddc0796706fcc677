"""Flying by hand: title screen, flight, score against a pilot, and the replay with the truth.

Start with `game.py`. The window is that of `lunar_env.rendering.viewer`; nothing here draws but the
title screen and lines of text.
"""

from __future__ import annotations

from lunar_env.play.game import Game
from lunar_env.play.levels import LEVELS, Level, level_named, level_of_control
from lunar_env.play.rival import Rival
from lunar_env.play.score import Score, better

__all__ = ["LEVELS", "Game", "Level", "Rival", "Score", "better", "level_named", "level_of_control"]

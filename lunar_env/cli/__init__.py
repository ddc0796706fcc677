"""The command line ``lunar-env``, also ``python -m lunar_env``.

`options.py` lists what can be asked for, `program.py` reads it, as it does for ``python -m
training``, and ``commands`` holds one module per command with one function, `run`.
"""

from lunar_env.cli.options import COMMANDS
from lunar_env.cli.program import Program

__all__ = ["COMMANDS", "PROGRAM", "main"]

_TRAINING = (*("train", "evaluate", "tune", "benchmark", "report", "export", "demo", "bench-ppo"),)
PROGRAM = Program(
    "lunar-env",
    COMMANDS,
    "lunar_env.cli.commands",
    moved={"watch": "lunar-env fly"} | {name: f"python -m training {name}" for name in _TRAINING},
)
main = PROGRAM.main

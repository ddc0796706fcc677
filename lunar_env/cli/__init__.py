"""The command line ``lunar-env``, also ``python -m lunar_env``.

`options.py` lists what can be asked for, `program.py` reads it, and ``commands`` holds one module
per command with one function, `run`.
"""

from lunar_env.cli.program import main

__all__ = ["main"]

"""Entry point of ``python -m lunar_env``."""

import sys

from lunar_env.cli import main

sys.exit(main())

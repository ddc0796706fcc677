"""The exceptions of the package, and the hint that comes with a misspelt name.

Everything raised on purpose derives from `LunarEnvError`. Bad input is a `ConfigError`, which is
also a `ValueError` so that callers who know nothing of this package can catch it.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ConfigError", "LunarEnvError", "MissingExtra", "UnknownKeyword", "nearest"]


class LunarEnvError(Exception):
    """Base class of every error that this package raises on purpose."""


class ConfigError(LunarEnvError, ValueError):
    """A name, keyword, option, file or value that the package does not accept."""


class UnknownKeyword(ConfigError, TypeError):  # noqa: N818 (as Python's own word for it)
    """A keyword argument that an environment does not have.

    Its message is that of Python's own TypeError: wrappers that try a keyword and drop it where it
    is not known look for these words. `gymnasium.make` raises it again with a longer message.
    """


class MissingExtra(LunarEnvError, ImportError):  # noqa: N818 (a state of the installation)
    """An optional dependency is not installed.

    Parameters
    ----------
    extra : str
        Name of the extra that brings the dependency, for example ``"render"``.
    needed_for : str, optional
        What the caller wanted to do.
    """

    def __init__(self, extra: str, needed_for: str = "this") -> None:
        self.extra = extra
        self.needed_for = needed_for
        super().__init__(f"{needed_for} needs an extra: pip install 'lunar-env[{extra}]'")

    def __reduce__(self) -> tuple[type[MissingExtra], tuple[str, str]]:
        """Rebuild from the parts: the message alone is not enough to cross a process border."""
        return type(self), (self.extra, self.needed_for)


def nearest(name: object, options: Iterable[str]) -> str:
    """Return a hint naming the option closest to `name`, or an empty string.

    Parameters
    ----------
    name : object
        What the user wrote; anything that is not a string gets no hint.
    options : iterable of str
        The valid names.

    Returns
    -------
    str
        ``"; did you mean 'x'?"``, ready to be appended to a message.

    Examples
    --------
    >>> nearest("latencey", ["ideal", "noisy", "latency"])
    "; did you mean 'latency'?"
    """
    if not isinstance(name, str):
        return ""
    by_folded = {option.casefold(): option for option in options}
    close = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.5)
    return f"; did you mean {by_folded[close[0]]!r}?" if close else ""

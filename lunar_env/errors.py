"""The exceptions of the package, and the hint that comes with a misspelt name.

Everything raised on purpose derives from `LunarEnvError`. Bad input is a `ConfigError`, which is
also a `ValueError` so that callers who know nothing of this package can catch it.
"""

from __future__ import annotations

import difflib
import reprlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ConfigError", "LunarEnvError", "MissingExtra", "UnknownKeyword", "nearest", "shown"]

_MAX_MESSAGE: Final = 2000
_MAX_VALUE: Final = 200
_MAX_NAME: Final = 60


class LunarEnvError(Exception):
    """Base class of every error that this package raises on purpose.

    Its text is one line of bounded length whatever was in the name or value that it quotes: what
    cannot be printed is escaped, and the middle of what is too long is left out.
    """

    def __str__(self) -> str:
        text = _shortened(super().__str__(), _MAX_MESSAGE)
        if text.isprintable():
            return text
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


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
        """Rebuild from the arguments, since the message alone does not suffice to unpickle it."""
        return type(self), (self.extra, self.needed_for)


def nearest(name: object, options: Iterable[str], cutoff: float = 0.5) -> str:
    """Return a hint naming the option closest to `name`, or an empty string.

    Parameters
    ----------
    name : object
        What the user wrote; anything that is not a string gets no hint.
    options : iterable of str
        The valid names.
    cutoff : float, optional
        How alike the two must be, 0 .. 1.

    Returns
    -------
    str
        ``"; did you mean 'x'?"``, ready to be appended to a message.

    Examples
    --------
    >>> nearest("latencey", ["ideal", "noisy", "latency"])
    "; did you mean 'latency'?"
    """
    if not isinstance(name, str) or len(name) > _MAX_NAME:
        return ""
    by_folded = {option.casefold(): option for option in options}
    close = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=cutoff)
    return f"; did you mean {by_folded[close[0]]!r}?" if close else ""


def shown(value: object) -> str:
    """Write a value that the user gave, as Python does, but never at length.

    Examples
    --------
    >>> shown("a" * 1000)
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaa...aaaaaaaaaaaaaaaaaaaaaaaaaaaa'"
    """
    if isinstance(value, int) and abs(value) >= 2**64:
        return f"a whole number of {value.bit_length()} bits"
    return _shortened(_WRITER.repr(value), _MAX_VALUE)


def _shortened(text: str, most: int) -> str:
    half = most // 2
    return text if len(text) <= most else f"{text[:half]} ... {text[-half:]}"


class _Shortened(reprlib.Repr):
    def repr_int(self, x: int, level: int) -> str:  # noqa: ARG002 (the signature of the base)
        # Python does not write thousands of digits.
        return repr(x) if abs(x) < 2**64 else "..."


_WRITER: Final = _Shortened()
_WRITER.maxstring = _WRITER.maxother = _WRITER.maxlong = _MAX_NAME
_WRITER.maxdict = _WRITER.maxlist = _WRITER.maxtuple = 6
_WRITER.maxlevel = 3

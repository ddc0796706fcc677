"""Weights in a safetensors file: a header and raw numbers, no code."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lunar_env.errors import ConfigError, MissingExtra, shown
from lunar_env.reading import open_regular, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from .base import Float32Array

__all__ = ["MAX_BYTES", "read_arrays", "read_tensors", "read_weights", "tensor_bytes"]

MAX_BYTES: Final = 256 * 1024**2
"""Largest file [bytes]: sixty million weights; the shipped policies have some thousands."""
_MAX_CONTENTS: Final = 1024**2  # bytes of the table of contents
_LENGTH: Final = 8  # bytes that state its length


def read_tensors(path: Path) -> dict[str, Float32Array]:
    """Read all tensors of a file as float32.

    Raises
    ------
    ConfigError
        If the file is missing, cut short, not a safetensors file, or holds arrays of another type.
    MissingExtra
        If safetensors is not installed.
    """
    return read_weights(path)[0]


def read_weights(path: Path) -> tuple[dict[str, Float32Array], str]:
    """Read all tensors of a file as float32, and the SHA-256 digest of the file.

    Raises
    ------
    ConfigError, MissingExtra
        As `read_tensors`.
    """
    content = read_bytes(path, MAX_BYTES)
    library = _checked_library(path, content[:_LENGTH])
    with _whole(library, path):
        arrays = library.numpy.load(content)
    for name, array in arrays.items():
        if array.dtype.kind != "f":
            raise ConfigError(f"{path}: {shown(name)} is {array.dtype}, weights are floats")
    with np.errstate(over="ignore"):  # the caller checks for infinite values
        tensors = {name: np.asarray(array, dtype=np.float32) for name, array in arrays.items()}
    return tensors, hashlib.sha256(content).hexdigest()


def read_arrays(path: Path, most: int) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """Read all arrays of a safetensors file, and its metadata.

    Parameters
    ----------
    path : Path
        The file.
    most : int
        Largest size [bytes].

    Raises
    ------
    ConfigError
        If the file is missing, cut short or not a safetensors file.
    MissingExtra
        If safetensors is not installed.
    """
    with open_regular(path, most) as file:
        library = _checked_library(path, file.read(_LENGTH))
    with _whole(library, path), library.safe_open(path, framework="numpy") as file:
        texts = file.metadata() or {}
        return {name: file.get_tensor(name) for name in file.keys()}, texts  # noqa: SIM118


def tensor_bytes(tensors: Mapping[str, Float32Array]) -> bytes:
    """Return the content of a file with tensors."""
    content: bytes = _library().numpy.save(dict(tensors))
    return content


def _checked_library(path: Path, head: bytes) -> Any:
    """Return the library that reads a file, if the size of the header is plausible."""
    library, stated = _library(), int.from_bytes(head, "little")
    if stated > _MAX_CONTENTS:
        raise ConfigError(
            f"{path} is not a complete safetensors file: {stated:,} bytes of contents"
        )
    return library


@contextmanager
def _whole(library: Any, path: Path) -> Iterator[None]:
    try:
        yield
    except (library.SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"{path} is not a complete safetensors file: {str(error) or type(error).__name__}"
        ) from None


def _library() -> Any:
    try:
        import safetensors
        import safetensors.numpy
    except ImportError:
        raise MissingExtra("train", "a learned pilot") from None
    return safetensors

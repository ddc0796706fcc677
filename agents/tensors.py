"""Weights in a safetensors file: a table of contents and raw numbers, nothing that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lunar_env.errors import ConfigError, MissingExtra
from lunar_env.files import beside

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from agents.base import Float32Array

__all__ = ["read_tensors", "write_tensors"]


def read_tensors(path: Path) -> dict[str, Float32Array]:
    """Read all tensors of a file as float32.

    Raises
    ------
    ConfigError
        If the file is missing, cut short or not a safetensors file.
    MissingExtra
        If safetensors is not installed.
    """
    library = _library()
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"no policy weights {path}: {error.strerror}") from None
    try:
        tensors = library.numpy.load(content)
    except (library.SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"{path} is not a whole safetensors file: {str(error) or type(error).__name__}"
        ) from None
    return {name: np.asarray(array, dtype=np.float32) for name, array in tensors.items()}


def write_tensors(path: Path, tensors: Mapping[str, Float32Array]) -> None:
    """Write tensors whole or not at all."""
    content = _library().numpy.save(dict(tensors))
    with beside(path) as temporary:
        temporary.write_bytes(content)


def _library() -> Any:
    try:
        import safetensors
        import safetensors.numpy
    except ImportError:
        raise MissingExtra("train", "a learned pilot") from None
    return safetensors

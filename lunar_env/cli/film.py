"""Frames to a film or a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lunar_env.errors import ConfigError, MissingExtra
from lunar_env.files import free_name, written_whole
from lunar_env.rendering.canvas import load_pygame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    Frames = Iterator[NDArray[np.uint8]]

__all__ = ["check_film", "write_film"]


def check_film(path: Path) -> None:
    """Refuse a kind of film that cannot be written, or a name that is taken.

    Raises
    ------
    ConfigError
        If the suffix is unknown.
    LunarEnvError
        If the name is taken.
    """
    if path.suffix not in _WRITERS:
        raise ConfigError(f"{path}: must end in {' or '.join(_WRITERS)}")
    free_name(path)


def write_film(path: Path, frames: Frames, fps: float) -> None:
    """Write frames, whole or not at all.

    Parameters
    ----------
    path : Path
        A .gif or .mp4 film, or a .png with the last frame; must not exist.
    frames : iterator of ndarray of uint8, shape (height, width, 3)
        At least one.
    fps : float
        Frames per second.

    Raises
    ------
    MissingExtra
        If the library for this kind of film is not installed.
    """
    with written_whole(path) as temporary:
        _WRITERS[path.suffix](temporary, frames, fps)


def _write_gif(path: Path, frames: Frames, fps: float) -> None:
    try:
        from PIL import Image  # optional
    except ImportError:
        raise MissingExtra("train", "writing a .gif") from None
    # Few flat colours: the fastest method and a palette of 64 keep the file small.
    fast = Image.Quantize.FASTOCTREE
    images = (Image.fromarray(frame).quantize(64, fast) for frame in frames)
    first, ms = next(images), round(1000.0 / fps)
    first.save(path, save_all=True, append_images=images, duration=ms, loop=0)


def _write_mp4(path: Path, frames: Frames, fps: float) -> None:
    try:
        import imageio_ffmpeg  # optional, and slow to import
    except ImportError:
        raise MissingExtra("train", "writing a .mp4") from None
    first = next(frames)
    size = (first.shape[1], first.shape[0])
    writer = imageio_ffmpeg.write_frames(str(path), size, fps=fps, ffmpeg_log_level="error")
    writer.send(None)
    writer.send(first)
    for frame in frames:
        writer.send(frame)
    writer.close()


def _write_png(path: Path, frames: Frames, fps: float) -> None:  # noqa: ARG001
    pygame = load_pygame()
    for frame in frames:
        last = frame
    pygame.image.save(pygame.surfarray.make_surface(last.swapaxes(0, 1)), path)


_WRITERS: dict[str, Callable[[Path, Frames, float], None]] = {
    ".gif": _write_gif,
    ".mp4": _write_mp4,
    ".png": _write_png,
}

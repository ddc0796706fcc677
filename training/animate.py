"""Films: frames to .mp4 or .gif, and one picture of several landings side by side."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from lunar_env.errors import ConfigError, MissingExtra
from lunar_env.files import beside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Frame = NDArray[np.uint8]

__all__ = ["FILM_SUFFIXES", "check_film", "tile", "write_film"]

FILM_SUFFIXES = (".mp4", ".gif")


def check_film(path: Path) -> None:
    """Refuse a film of a kind that cannot be written.

    Raises
    ------
    ConfigError
        If the suffix is neither .mp4 nor .gif.
    """
    if path.suffix not in FILM_SUFFIXES:
        raise ConfigError(f"{path}: a film ends in {' or '.join(FILM_SUFFIXES)}")


def write_film(path: Path, frames: Iterable[Frame], fps: float, *, width: int | None = None) -> int:
    """Write a film, whole or not at all.

    Parameters
    ----------
    path : Path
        A .mp4 or .gif file.
    frames : iterable of ndarray of uint8, shape (height, width, 3)
        All of one size.
    fps : float
        Frames per second.
    width : int, optional
        Width [pixels] to scale a .mp4 to.

    Returns
    -------
    int
        Number of frames.
    """
    check_film(path)
    with beside(path) as temporary:
        if path.suffix == ".gif":
            return _write_gif(temporary, frames, fps)
        return _write_mp4(temporary, frames, fps, width)


def tile(films: Sequence[Iterable[Frame]], columns: int, hold: int) -> Iterator[Frame]:
    """Play several films side by side; a shorter one holds its last frame.

    Parameters
    ----------
    films : sequence of iterable of ndarray
        Frames of one size.
    columns : int
        Films in a row of the picture.
    hold : int
        How often the last picture is repeated.

    Yields
    ------
    ndarray of uint8
        The joint picture.
    """
    last: list[Frame | None] = [None] * len(films)
    picture: Frame | None = None
    for frames in zip_longest(*films):
        last = [old if new is None else new for old, new in zip(last, frames, strict=True)]
        picture = _grid([frame for frame in last if frame is not None], columns)
        yield picture
    if picture is not None:
        yield from [picture] * hold


def _grid(frames: list[Frame], columns: int) -> Frame:
    blank = np.zeros_like(frames[0])
    padded = frames + [blank] * (-len(frames) % columns)
    rows = [padded[i : i + columns] for i in range(0, len(padded), columns)]
    return np.concatenate([np.concatenate(row, axis=1) for row in rows], axis=0)


def _write_mp4(path: Path, frames: Iterable[Frame], fps: float, width: int | None) -> int:
    try:
        import imageio_ffmpeg  # optional, and slow to import
    except ImportError:
        raise MissingExtra("train", "writing a film") from None
    scale = [] if width is None else ["-vf", f"scale={width}:-2"]
    writer = None
    count = 0
    for frame in frames:
        even = frame[: frame.shape[0] // 2 * 2, : frame.shape[1] // 2 * 2]
        if writer is None:
            writer = imageio_ffmpeg.write_frames(
                str(path),
                (even.shape[1], even.shape[0]),
                fps=fps,
                quality=7,
                macro_block_size=2,
                ffmpeg_log_level="error",
                output_params=scale,
            )
            writer.send(None)
        writer.send(np.ascontiguousarray(even))
        count += 1
    if writer is not None:
        writer.close()
    return count


def _write_gif(path: Path, frames: Iterable[Frame], fps: float) -> int:
    try:
        from PIL import Image  # comes with matplotlib
    except ImportError:
        raise MissingExtra("train", "writing a film") from None
    # Few flat colours: 64 are enough, but an octree keeps them where a median cut would mix them.
    octree = Image.Quantize.FASTOCTREE
    images = [Image.fromarray(frame).quantize(64, octree) for frame in frames]
    images[0].save(
        path, save_all=True, append_images=images[1:], duration=round(1000 / fps), loop=0
    )
    return len(images)

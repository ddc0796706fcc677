"""Frames to a film or a picture."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import signal
import subprocess
import threading
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from lunar_env.errors import LunarEnvError, MissingExtra
from lunar_env.files import OutputError, require_suffix
from lunar_env.rendering.canvas import load_pygame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from lunar_env.files import Output

    Frames = Iterable[NDArray[np.uint8]]

__all__ = ["check_film", "write_film"]

COLOURS = 64
FAILURES = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
QUALITY = "15"  # constant rate factor of H.264: 0 is lossless, 51 the worst


def check_film(path: Path) -> None:
    """Check that a film can be written, before it is flown.

    Parameters
    ----------
    path : Path
        A .gif or .mp4 film, or a .png with the last frame.

    Raises
    ------
    ConfigError
        If it ends in something else.
    MissingExtra
        If the library for this kind of film is not installed.
    """
    require_suffix(path, tuple(_WRITERS), "a film or picture")
    _LIBRARIES[path.suffix]()


def write_film(file: Output, frames: Frames, fps: float, *, width: int | None = None) -> None:
    """Write frames in the format that the name of the file says.

    Parameters
    ----------
    file : Output
        A .gif or .mp4 film, or a .png with the last frame.
    frames : iterable of ndarray of uint8, shape (height, width, 3)
        All of one size, at least one.
    fps : float
        Frames per second.
    width : int, optional
        Width [pixels] to scale a .mp4 to.

    Raises
    ------
    MissingExtra
        If the library for this kind of film is not installed.
    OutputError
        If the file cannot be written, because the disk is full, for example.
    """
    check_film(file.path)
    _WRITERS[file.path.suffix](file, frames, fps, width)


def _pillow() -> Any:
    try:
        from PIL import Image  # optional
    except ImportError:
        raise MissingExtra("render", "writing a .gif") from None
    return Image


def _ffmpeg() -> str:
    try:
        import imageio_ffmpeg  # optional, and slow to import
    except ImportError:
        raise MissingExtra("render", "writing a .mp4") from None
    try:
        executable: str = imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError as problem:
        raise LunarEnvError(f"a .mp4 cannot be written: {problem}") from None
    return executable


def _write_gif(file: Output, frames: Frames, fps: float, width: int | None) -> None:  # noqa: ARG001
    library, content = _pillow(), io.BytesIO()
    # Few flat colours: 64 are enough, but an octree keeps them where a median cut would mix them.
    octree = library.Quantize.FASTOCTREE
    images = (library.fromarray(frame).quantize(COLOURS, octree) for frame in frames)
    first, ms = next(images), round(1000.0 / fps)
    first.save(content, "gif", save_all=True, append_images=images, duration=ms, loop=0)
    file.write(content.getvalue())


def _write_png(file: Output, frames: Frames, fps: float, width: int | None) -> None:  # noqa: ARG001
    pygame, content = load_pygame(), io.BytesIO()
    for frame in frames:
        last = frame
    pygame.image.save(pygame.surfarray.make_surface(last.swapaxes(0, 1)), content, "x.png")
    file.write(content.getvalue())


def _write_mp4(file: Output, frames: Frames, fps: float, width: int | None) -> None:
    stream = map(_even, frames)
    first = next(stream)
    size = f"{first.shape[1]}x{first.shape[0]}"
    command = [_ffmpeg(), "-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size]
    command += ["-r", f"{fps:.9g}", "-i", "-", "-an", "-c:v", "libx264", "-pix_fmt", "yuv420p"]
    command += ["-crf", QUALITY, *([] if width is None else ["-vf", f"scale={width}:-2"])]
    command += ["-f", "mp4", str(file.temporary)]
    # Ctrl-C is for this process, which then stops the other. A file that becomes larger than
    # allowed is an error, as here, not the end of the process: signals stay ignored.
    options: Any = {"start_new_session": True, "restore_signals": False}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, **options
    ) as process:
        said: list[bytes] = []
        listener = threading.Thread(target=_listen, args=(process.stderr, said), daemon=True)
        listener.start()
        try:
            _send(process.stdin, first, stream)
            status = process.wait()
        except BaseException:
            process.kill()
            _close(process.stdin)
            raise
        listener.join()
    if status:
        reason = _reason(b"".join(said).decode(errors="replace"), status)
        raise OutputError(f"{file.path}: cannot be written: {reason}")


def _even(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cut to even sizes, which H.264 needs."""
    return np.ascontiguousarray(frame[: frame.shape[0] // 2 * 2, : frame.shape[1] // 2 * 2])


def _send(pipe: Any, first: NDArray[np.uint8], others: Frames) -> None:
    # A process that ended early says why by its status and on its error stream.
    with contextlib.suppress(BrokenPipeError):
        pipe.write(first.data)
        for frame in others:
            pipe.write(frame.data)
    _close(pipe)


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        with contextlib.suppress(BrokenPipeError):
            pipe.close()


def _listen(pipe: Any, said: list[bytes]) -> None:
    said.append(pipe.read())


def _reason(text: str, status: int) -> str:
    """Return what the operating system said, or else the last line of the other process."""
    if status < 0:
        return f"ffmpeg was ended by {signal.Signals(-status).name}"
    known = (os.strerror(number) for number in FAILURES)
    lines = [line.strip() for line in text.splitlines() if line.strip()] or [f"status {status}"]
    return next((words for words in known if words in text), f"ffmpeg: {lines[-1]}")


_WRITERS: dict[str, Callable[[Output, Frames, float, int | None], None]] = {
    ".gif": _write_gif,
    ".mp4": _write_mp4,
    ".png": _write_png,
}
_LIBRARIES: dict[str, Callable[[], object]] = {
    ".gif": _pillow,
    ".mp4": _ffmpeg,
    ".png": load_pygame,
}

"""``cache``: where compiled machine code is kept, how much of it, and its removal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from lunar_env.cli.program import Done
from lunar_env.kernel import cache_folder
from lunar_env.kernel.compile import KERNELS

if TYPE_CHECKING:
    from rich.console import Console

    from lunar_env.cli.options import Cache
    from lunar_env.kernel.cache_folder import Contents

__all__ = ["run"]


def run(options: Cache, out: Console) -> Done:
    """Show or clear the machine code that is kept.

    Parameters
    ----------
    options : Cache
        What was asked for.
    out : Console
        Where people read.

    Returns
    -------
    Done
        ``path`` of the folder, ``problem`` where it cannot be used (else null), ``digests``: what
        is kept for each state of the sources, ``bytes`` in all, and ``freed`` with ``clear``.
    """
    path = cache_folder.base_folder()
    freed = cache_folder.clear() if options.clear else 0
    kept = cache_folder.contents()
    problem = None if options.clear else _problem()
    size = sum(each.size for each in kept)
    out.print(Text(f"{path}: {_megabytes(size)}"), soft_wrap=True)
    if options.clear:
        out.print(f"{_megabytes(freed)} removed")
    if problem:
        out.print(Text(f"not used: {problem}"), soft_wrap=True)
    if kept:
        out.print(_table(kept))
    rows = [_row(each) for each in kept]
    content = {"path": str(path), "problem": problem, "bytes": size, "digests": rows}
    return Done({**content, "freed": freed} if options.clear else content)


def _problem() -> str | None:
    try:
        cache_folder.digest_folder(KERNELS.digest)
    except cache_folder.CacheProblem as problem:
        return str(problem)
    return None


def _row(kept: Contents) -> dict[str, object]:
    return {
        "digest": kept.digest,
        "in_use": kept.digest == KERNELS.digest,
        "entries": kept.entries,
        "bytes": kept.size,
        "last_used": datetime.fromtimestamp(kept.last_used, UTC).isoformat(timespec="seconds"),
    }


def _table(kept: list[Contents]) -> Table:
    table = Table("sources", "used by this version", "functions", "size", "last used (UTC)")
    for each in kept:
        row = _row(each)
        used = "yes" if row["in_use"] else "no"
        names = "\n".join(each.entries)
        table.add_row(each.digest, used, names, _megabytes(each.size), str(row["last_used"])[:16])
    return table


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"

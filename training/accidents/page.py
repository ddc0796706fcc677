"""The pages: words written by hand, with the counts of the results in their places."""

from __future__ import annotations

import string
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from agents.substitution import PARTS
from lunar_env.errors import ConfigError
from lunar_env.proportion import wilson
from lunar_env.reading import read_text
from lunar_env.specs import load_mission
from training.accidents.causes import KINDS
from training.accidents.flights import STORY
from training.accidents.propellant import LANDINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["index", "page"]

STORIES: Final = Path(__file__).parent / "stories"
_MAX_BYTES: Final = 1 << 16  # of a story
_PICTURE: Final = "Height and descent rate of two flights, and what all are made of"
_ROWS: Final = {
    "own": "the lander's own pilot",
    "best": "best pilot that knows no more than the lander",
    "attainable": "best that may be given the drawn errors of its sensors",
    "saved": "best with the true state",
}


def page(mission: str, results: Mapping[str, Any]) -> str:
    """Return the page of an accident.

    Parameters
    ----------
    mission : str
        Its name.
    results : mapping
        Its table in the results.

    Returns
    -------
    str
        Markdown.

    Raises
    ------
    ConfigError
        If its story asks for a number that the results do not have.
    """
    path = STORIES / f"{mission}.md"
    try:
        return string.Formatter().vformat(
            read_text(path, _MAX_BYTES), (), _numbers(mission, results)
        )
    except (KeyError, IndexError, AttributeError) as error:
        raise ConfigError(f"{path}: the results have no {error}") from None


def index(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the page that lists all accidents.

    Parameters
    ----------
    tables : mapping
        The results by mission.

    Returns
    -------
    str
        Markdown.
    """
    rows: list[tuple[str, ...]] = [
        ("accident", "own pilot", "best here", "attainable", "with the truth", "made of"),
        ("---", "---:", "---:", "---:", "---:", "---"),
    ]
    for mission in (name for name in STORY if name in tables):
        table = tables[mission]
        counts = _counts(table)
        made_of = ", ".join(f"{kind} {count}" for kind, count in _losses(table).items())
        title = f"[{load_mission(mission).title}]({mission}.md)"
        rows.append((title, *(_percent(counts[k], table["landings"]) for k in _ROWS), made_of))
    story = read_text(STORIES / "index.md", _MAX_BYTES)
    kinds = "\n".join(f"- **{kind}**: {text}" for kind, text in KINDS.items())
    return story.format(table=_table(rows), kinds=kinds)


def _numbers(mission: str, results: Mapping[str, Any]) -> dict[str, Any]:
    """Return all that a story may ask for, as text where it is a share."""
    of, counts = results["landings"], _counts(results)
    shares = {name: _share(count, of) for name, count in counts.items()}
    names = {f"{name}_pilot": results[name] for name in ("best", "attainable", "saved")}
    groups = {
        group: {name: _share(count, of) for name, count in results[group].items()}
        for group in ("general", "filter", "informed", "truth", "given", "compared")
        if group in results
    }
    more = {name: results[name] for name in ("height_error", "propellant") if name in results}
    return {
        **shares,
        **names,
        **groups,
        **more,
        "filter_best": _share(max(results["filter"].values()), of),
        "landings": of,
        "lost": _share(results["lost"], of),
        "kinds": {kind: results["kinds"].get(kind, 0) for kind in KINDS},
        "ends": results["ends"],
        "picture": f"![{_PICTURE}]({mission}.svg)",
        "landed": _landed(results),
        "parts": _parts(results),
        "method": _method(mission, results),
        **({"heights": _heights(results)} if "height_error" in results else {}),
        **({"tanks": _tanks(results)} if "propellant" in results else {}),
    }


def _counts(results: Mapping[str, Any]) -> dict[str, int]:
    told = {**results["general"], **results["informed"]}
    return {
        "own": results["own"],
        "best": results["general"][results["best"]],
        "attainable": told[results["attainable"]],
        "saved": results["truth"][results["saved"]],
    }


def _losses(results: Mapping[str, Any]) -> dict[str, int]:
    return {kind: n for kind, n in results["kinds"].items() if kind != "landed"}


def _landed(results: Mapping[str, Any]) -> str:
    counts, of = _counts(results), results["landings"]
    rows = [("pilot", "", "lands [%]"), ("---", "---", "---:")]
    for name, text in _ROWS.items():
        pilot = "own" if name == "own" else results[name]
        rows.append((text, f"`{pilot}`", _percent(counts[name], of)))
    others = {k: n for k, n in results["general"].items() if k != results["best"]}
    rows += [("another", f"`{pilot}`", _percent(n, of)) for pilot, n in others.items()]
    best = max(results["filter"], key=results["filter"].__getitem__)
    share = _percent(results["filter"][best], of)
    rows.append(("best law on its own pilot's filter", f"`{best}`", share))
    made_of = "; ".join(f"{n} {kind} ({KINDS[kind]})" for kind, n in _losses(results).items())
    return f"{_table(rows)}\n\nThe {of - results['own']} losses of the own pilot: {made_of}."


def _parts(results: Mapping[str, Any]) -> str:
    rows = [("its own pilot, given", "lands [%]"), ("---", "---:")]
    given, of = results["given"], results["landings"]
    rows += [(text, _percent(given[part], of)) for part, text in PARTS.items() if part in given]
    return _table(rows)


def _heights(results: Mapping[str, Any]) -> str:
    rows: list[tuple[str, ...]] = [
        ("pilot", "median", "95 %", "within the limit", "lands [%]", "given it [%]")
    ]
    rows.append(("---", *("---:" for _ in rows[0][1:])))
    of = results["landings"]
    for pilot, error in results["height_error"].items():
        rows.append(
            (
                f"`{pilot}`",
                f"{error['p50_m']:.1f} m",
                f"{error['p95_m']:.1f} m",
                _percent(error["within"], of),
                _percent(results["general"][pilot], of),
                _percent(results["compared"][pilot], of),
            )
        )
    return _table(rows)


def _tanks(results: Mapping[str, Any]) -> str:
    pilots = [name for name in next(iter(results["propellant"].values())) if name != "lost"]
    rows = [
        ("of its propellant", "proven lost [%]", *(f"`{pilot}`, lands [%]" for pilot in pilots))
    ]
    rows.append(("---:", *("---:" for _ in rows[0][1:])))
    for share, counts in results["propellant"].items():
        cells = (f"{100 * counts[name] / LANDINGS:.0f}" for name in ("lost", *pilots))
        rows.append((f"{100 * float(share):.0f} %", *cells))
    return _table(rows)


def _method(mission: str, results: Mapping[str, Any]) -> str:
    return (
        f"{results['landings']} flights of scenario `as-flown`, the same for every pilot (seed"
        f" {results['seed']}), 95 % Wilson intervals; `python -m training accidents --missions"
        f" {mission}` computes them and writes this page. [All accidents](README.md)."
    )


def _share(count: int, of: int) -> str:
    return f"{count} of {of}"


def _percent(count: int, of: int) -> str:
    share = wilson(count, of)
    return f"{100 * share.value:.1f} ({100 * share.low:.1f}-{100 * share.high:.1f})"


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)

"""User-facing text is plain English: help, messages, tables and documents have no odd phrases."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lunar_env.cli.options import COMMANDS
from training.options import COMMANDS as TRAINING_COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
ODD = re.compile(
    r"\b(ills|ail(s|ed)?|told|beside|anew|begun|refused?|refuses|too young|came of it|so many"
    r"|of (its|their) own|on its day|the day (is|was)"
    r"|stands? there|go(es)? on|(?<!there )(is|are) no (?!longer\b|more\b)\w+)\b",
    re.IGNORECASE,
)
SOURCES = [
    path for part in ("lunar_env", "agents", "training") for path in (ROOT / part).rglob("*.py")
]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")]


def odd_in(text: str) -> list[str]:
    """Return the odd phrases of a text, wherever its lines break."""
    return [found.group() for found in ODD.finditer(" ".join(text.split()))]


def texts(source: str) -> Iterator[str]:
    """Yield the texts of a module that people see.

    They are its string literals of several words and the docstrings of attributes, which are the
    help of options and the meaning of figures; what an f-string fills in is left out. Docstrings of
    modules, classes and functions are for readers of the code.
    """
    tree = ast.parse(source)
    hidden: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            match node.body:
                case [ast.Expr(ast.Constant(str()) as docstring), *_]:
                    hidden.add(docstring)
        if isinstance(node, ast.JoinedStr):
            hidden.update(node.values)
            filled = (
                part.value if isinstance(part, ast.Constant) else "{}" for part in node.values
            )
            yield "".join(map(str, filled))
        elif isinstance(node, ast.Constant) and node not in hidden and " " in str(node.value):
            yield str(node.value)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_messages_and_help_of_options_are_plain(path):
    assert [found for text in texts(path.read_text("utf-8")) for found in odd_in(text)] == []


@pytest.mark.parametrize(
    "options", [*COMMANDS.values(), *TRAINING_COMMANDS.values()], ids=lambda options: f"{options}"
)
def test_help_of_commands_is_plain(options):
    assert odd_in(options.__doc__) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_documents_are_plain(path):
    assert odd_in(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('raise ConfigError(f"{path}: is no "\n    f"recorded flight")', ["is no recorded"]),
        ('class Fly:\n    """Fly."""\n    out: str\n    """Not beside\n    it."""', ["beside"]),
        ('print("flown on\\nits day")', ["on its day"]),
        ('"""A module that refuses."""', []),
        ('say(f"{told} landings, where there is no ground")', []),
    ],
)
def test_odd_phrases_in_user_facing_text_are_found(source, found):
    assert [odd for text in texts(source) for odd in odd_in(text)] == found

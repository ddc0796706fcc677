"""Texts are plain English: help, messages, documents, data files, comments and docstrings."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
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
    r"|known are|takes neither|give either|it exists for|that have one|not the folder of a"
    r"|stands? there|go(es)? on|(?<!there )(is|are) no (?!longer\b|more\b)\w+)\b",
    re.IGNORECASE,
)
# The worst of these, which neither comments, docstrings nor data files have.
WORST = re.compile(
    r"\b(ills|ail(s|ed)?|told|beside|anew|refus(e|es|ed|ing)|complains?|nobody|somebody"
    r"|so many|so manyth|far up|on its day|that day|stands? for|where (there|it) is none"
    r"|(a|the) [a-z]+ that is none)\b",
    re.IGNORECASE,
)
# Private words for standard terms, and phrases that no native speaker writes.
PRIVATE = re.compile(
    r"\b(what happens here|what there is|full health|ways? to be ill|(computed|worked out) apart"
    r"|bettered|(buys?|costs?) sight|same rule as|first one that|goes the same way|flies? a day"
    r"|it is what it is|(are|is) others|simulator of CUDA|steps? a second|far it goes|made ground"
    r"|what always travels|legs on \d|while it flies|names the episode|by the map"
    r"|where broken|gate that kills|flies the code|begun before|a kilogram|mends)\b",
    re.IGNORECASE,
)
SOURCES = [
    path for part in ("lunar_env", "agents", "training") for path in (ROOT / part).rglob("*.py")
]
# Modules whose comments and docstrings are checked as well.
CHECKED = [
    path
    for path in SOURCES
    if path.parent == ROOT / "lunar_env"
    or path.parts[len(ROOT.parts)] in ("agents", "training")
    or path.parts[len(ROOT.parts) + 1]
    in (
        "cli",
        "envs",
        "kernel",
        "physics",
        "rendering",
        "sensors",
        "sim",
        "specs",
        "telemetry",
        "terrain",
    )
]
DATA = [path for path in (ROOT / "lunar_env/data").rglob("*.toml") if path.name != "results.toml"]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")]
NOTEBOOKS = list(ROOT.glob("notebooks/*.ipynb"))


def odd_in(text: str, odd: re.Pattern[str] = ODD) -> list[str]:
    """Return the odd phrases of a text, wherever its lines break."""
    return [found.group() for found in odd.finditer(" ".join(text.split()))]


def said_in(notebook: Path) -> str:
    """Return what the cells of a notebook say, code included."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells)


def worst_in(source: str) -> list[str]:
    """Return the worst phrases in the comments and strings of a module."""
    return [found for text in comments(source) for found in odd_in(text, WORST)]


def comments(source: str) -> list[str]:
    """Return all comments and strings of a module, docstrings among them.

    Comments on consecutive lines are one text.
    """
    found: list[str] = []
    last = -1
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.STRING:
            found.append(token.string)
        elif token.type == tokenize.COMMENT:
            text = token.string.lstrip("# ")
            if last == token.start[0] - 1:
                found[-1] += f" {text}"
            else:
                found.append(text)
            last = token.start[0]
    return found


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


@pytest.mark.parametrize("path", CHECKED, ids=lambda path: str(path.relative_to(ROOT)))
def test_comments_and_docstrings_are_plain(path):
    assert worst_in(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", DATA, ids=lambda path: str(path.relative_to(ROOT)))
def test_data_files_are_plain(path):
    # A comment may go over several lines, each with its mark.
    assert odd_in(path.read_text("utf-8").replace("\n# ", " "), WORST) == []


@pytest.mark.parametrize(
    "options", [*COMMANDS.values(), *TRAINING_COMMANDS.values()], ids=lambda options: f"{options}"
)
def test_help_of_commands_is_plain(options):
    assert odd_in(options.__doc__) == []
    assert odd_in(options.__doc__, PRIVATE) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_documents_are_plain(path):
    assert odd_in(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_are_plain(path):
    assert odd_in(said_in(path)) == []


@pytest.mark.parametrize(
    "path", [*DOCUMENTS, ROOT / "CHANGELOG.md", *NOTEBOOKS], ids=lambda path: path.name
)
def test_documents_use_standard_terms(path):
    text = said_in(path) if path.suffix == ".ipynb" else path.read_text("utf-8")
    assert odd_in(text, PRIVATE) == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_messages_use_standard_terms(path):
    assert [odd for text in texts(path.read_text("utf-8")) for odd in odd_in(text, PRIVATE)] == []


def test_private_words_are_found():
    text = "The chain, worked out\napart: 99 % in full health, at 10 steps a second."
    assert odd_in(text, PRIVATE) == ["worked out apart", "full health", "steps a second"]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('raise ConfigError(f"{path}: is no "\n    f"recorded flight")', ["is no recorded"]),
        ('class Fly:\n    """Fly."""\n    out: str\n    """Not beside\n    it."""', ["beside"]),
        ('print("flown on\\nits day")', ["on its day"]),
        (
            'f"{path} is not the folder of a run; known are {names}"',
            ["not the folder of a", "known are"],
        ),
        ('"""A module that refuses."""', []),
        ('say(f"{told} landings, where there is no ground")', []),
    ],
)
def test_odd_phrases_in_user_facing_text_are_found(source, found):
    assert [odd for text in texts(source) for odd in odd_in(text)] == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('"""A module that refuses."""', ["refuses"]),
        ("# taken so\n# many times", ["so many"]),
        ("def fly():\n    # What ails\n    # it.\n    pass", ["ails"]),
        ('told = "The landing is over."', []),
    ],
)
def test_a_planted_phrase_is_found_in_comments_and_docstrings(source, found):
    assert worst_in(source) == found


def test_a_planted_phrase_is_found_in_a_data_file():
    text = '# Nothing ailed it that\n# day.\nnote = "on its day"\n'
    assert odd_in(text.replace("\n# ", " "), WORST) == ["ailed", "that day", "on its day"]

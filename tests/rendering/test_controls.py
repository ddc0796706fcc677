"""The controls by themselves: nothing is drawn here."""

from __future__ import annotations

from pathlib import Path

import pytest

from lunar_env.rendering.camera import View
from lunar_env.rendering.controls import BINDINGS, Controls
from lunar_env.rendering.help_panel import controls_shown
from lunar_env.rendering.inputs import Held, Input
from lunar_env.rendering.layout import layout
from lunar_env.rendering.primitives import Text


def pressed(*names: str) -> list[Input]:
    return [Input("press", name) for name in names]


def test_no_key_has_two_commands() -> None:
    keys = [key for binding in BINDINGS for key in binding.keys]
    assert len(set(keys)) == len(keys)
    assert len({binding.command for binding in BINDINGS}) == len(BINDINGS)


@pytest.mark.parametrize("binding", BINDINGS, ids=lambda binding: binding.command)
def test_every_key_of_a_command_carries_it_out(binding: object) -> None:
    states = []
    for key in binding.keys:  # type: ignore[attr-defined]
        controls = Controls()
        before = {**vars(controls)}
        assert controls.take(pressed(key)) == []
        assert controls.take([Input("release", key)]) == []
        after = vars(controls)
        states.append({name: after[name] for name in before if after[name] is not before[name]})
    assert all(state == states[0] for state in states)
    assert states[0] or binding.command == "normal"  # type: ignore[attr-defined]


def test_what_is_not_bound_is_handed_back() -> None:
    others = [Input("press", "up"), Input("release", "up"), Input("move", "axis 0", 0.5)]
    assert Controls().take([*others, Input("press", "c")]) == others


def test_the_speed_has_limits() -> None:
    controls = Controls()
    controls.take(pressed(*["="] * 20))
    assert 2.0**controls.speed == 64.0
    controls.take(pressed(*["-"] * 40))
    assert 2.0**controls.speed == 1.0 / 16.0
    controls.take(pressed("0"))
    assert controls.speed == 0


def test_the_view_that_hides_the_truth_keeps_hiding_it() -> None:
    controls = Controls(View("chase", "belief", truth=False), reserved=("b",))
    controls.take(pressed("c", "c", "c", "b"))
    assert controls.view == View("chase", "belief", truth=False)


def test_what_is_held_is_known_until_its_release() -> None:
    held = Held()
    held.take([*pressed("up", "space"), Input("release", "up"), Input("move", "axis 2", -1.0)])
    assert held.names == {"space"}
    assert held.axes == {"axis 2": -1.0}
    held.take([Input("release", "space"), Input("release", "never pressed")])
    assert held.names == set()


def test_the_help_names_every_key_that_works() -> None:
    controls = Controls(reserved=("space",))
    place = layout(1280, 800)
    assert list(controls_shown(controls, place)) == []
    controls.take(pressed("h"))
    shown = [shape.text for shape in controls_shown(controls, place) if isinstance(shape, Text)]
    assert {binding.doc for binding in BINDINGS} <= set(shown)
    words = {word for text in shown for word in text.split()}
    assert {"P", "C", "F11", "ESCAPE"} <= words
    assert "SPACE" not in words


def test_the_state_is_shown() -> None:
    controls = Controls()
    controls.take(pressed("p", "=", "=", "c", "b", "v"))
    (state,) = [
        shape.text
        for shape in controls_shown(controls, layout(1280, 800))
        if isinstance(shape, Text) and "PAUSED" in shape.text
    ]
    assert state == "PAUSED  ·  x 4  ·  camera: descent  ·  as believed"


def test_the_page_of_the_command_line_has_every_control() -> None:
    page = (Path(__file__).parents[2] / "docs/command-line.md").read_text(encoding="utf-8")
    shown = page.partition("Keys of the windows")[2].partition("\n\n`replay")[0]
    for binding in BINDINGS:
        assert f"| {binding.doc} |" in shown

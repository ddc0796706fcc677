"""Pictures of a landing: what is true, and what the lander believes.

`scene` turns a `Snapshot` into a list of shapes and needs no screen; `pygame_view` turns the shapes
into an array or a window and imports pygame only when a `Renderer` is made. Start with
`scene.foreground`.
"""

from __future__ import annotations

from lunar_env.rendering.pygame_view import Renderer
from lunar_env.rendering.scene import build
from lunar_env.rendering.snapshot import Snapshot

__all__ = ["Renderer", "Snapshot", "build"]

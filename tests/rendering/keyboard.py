"""Keys pressed by posted events."""

from __future__ import annotations

import pygame


def press(name: str) -> None:
    """Press and release a key."""
    for kind in (pygame.KEYDOWN, pygame.KEYUP):
        pygame.event.post(pygame.event.Event(kind, key=pygame.key.key_code(name)))

"""Draw the picture of the README: `make notebooks`.

A learned pilot lands HAKUTO-R Mission 2's lander: soon after its first range, and on the ground.
"""

from pathlib import Path

import numpy as np
from PIL import Image

from lunar_env.flyer import Flyer
from lunar_env.pilots import resolve
from lunar_env.rendering.pygame_view import Renderer
from lunar_env.task import Task

PICTURE = Path(__file__).resolve().parent / "figures" / "landing.png"
PILOT, SEED = "ppo-m2-late-acquisition", 32
SHOWN_S = 22.0


def snapshots():
    """Yield what a picture of each instant shows."""
    flyer = Flyer(resolve(PILOT, Task("hakuto-r-m2", "late-acquisition")))
    for _ in flyer.instants(SEED):
        yield flyer.env.snapshot()


def draw():
    """Return the picture: two instants side by side."""
    flown, renderer = list(snapshots()), Renderer()
    early = min(flown, key=lambda snapshot: abs(snapshot.time_s - SHOWN_S))
    return np.concatenate([renderer.rgb_array(shown) for shown in (early, flown[-1])], axis=1)


if __name__ == "__main__":
    Image.fromarray(draw()).save(PICTURE, optimize=True)
    print(PICTURE.name)

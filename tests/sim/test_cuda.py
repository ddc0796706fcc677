"""The kernels on CUDA: they compile for a GPU, and its layout of threads gives the CPU's bits.

Neither needs a GPU: one test stops at the assembler and needs the extra `cuda`, the other flies in
the simulator, which Numba brings along.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numba
import numpy as np
import pytest

from lunar_env import LunarLandingVectorEnv
from lunar_env.physics.lanes import LANES, SCRATCH
from lunar_env.physics.relief import elevation
from lunar_env.physics.rows import Lander
from lunar_env.sim import batch
from lunar_env.sim.step import DISABLED, blocks_of, step_part, step_rows
from lunar_env.sim.world import TOUCHDOWN

try:
    from numba import cuda
except (ImportError, RuntimeError) as error:  # numba-cuda's loads libraries of the toolkit
    pytest.skip(f"CUDA is not in this Numba, or misses libraries: {error}", allow_module_level=True)

ROOT = Path(__file__).parents[2]
ROWS = 11  # a full block of lanes and a part of one
CAPABILITY = (8, 0)
PLACES = np.linspace(-900.0, 900.0, 2 * ROWS).reshape(ROWS, 2)  # m east and north of the target
# Blocks and threads: more threads than rows, and than blocks of lanes; the others must keep out.
GRID = {
    "step_thread": (2, 2),
    "reset_thread": (3, 4),
    "reveal_thread": (3, 4),
    "ground_thread": (3, 4),
}


def step_thread(world, shared, actions, shown, lanes, mode):
    """A thread flies a block of lanes, in a scratch of its own."""
    block = cuda.grid(1)
    if block * LANES < actions.shape[0]:
        step_rows(world, shared, actions, shown, lanes[block], block * LANES, mode)


def reset_thread(world, shared):
    i = cuda.grid(1)
    if i < world.key.shape[0]:
        batch.reset_row(world, shared, i)


def reveal_thread(world, shared, truth):
    i = cuda.grid(1)
    if i < truth.shape[0]:
        batch.write_privileged_row(world, shared, truth, i)


def ground_thread(lander, places, elevations):
    """Ground below one place, over which each row flies."""
    i = cuda.grid(1)
    if i < elevations.shape[0]:
        here = Lander(lander.memory, lander.tiles, lander.terrain, i)
        elevations[i] = elevation(here, places[i, 0], places[i, 1], 1.0)


def fleet():
    return LunarLandingVectorEnv(
        ROWS, scenario="noisy", num_threads=1, autoreset_mode="DISABLED"
    )._simulator


def arguments(simulator, world, actions):
    """Arguments of each kernel, as the environment holds them."""
    shared = simulator.shared
    lanes = np.empty((-(-ROWS // LANES), SCRATCH))
    return {
        step_thread: (world, shared, actions, simulator.shown, lanes, DISABLED),
        reset_thread: (world, shared),
        reveal_thread: (world, shared, simulator.truth),
        ground_thread: (Lander(world.memory, *shared[1:], 0), PLACES, np.empty(ROWS)),
    }


@pytest.fixture
def compiler(monkeypatch):
    """The compiler for CAPABILITY; skipped where its libraries are missing."""
    pytest.importorskip("numba_cuda", reason="the extra cuda is not installed")

    def nothing(x):
        x[0] = 0.0

    def compiled(func, types):
        return cuda.compile(func, types, device=False, abi="numba", cc=CAPABILITY)[0]

    try:
        empty = compiled(nothing, (numba.float64[::1],))
    except (ImportError, OSError, RuntimeError) as error:
        pytest.skip(f"not even an empty kernel compiles, libraries of CUDA are missing: {error}")
    assert ".entry" in empty
    # Functions that a kernel calls are compiled for the device at hand; this one is never used.
    device = SimpleNamespace(compute_capability=CAPABILITY)
    monkeypatch.setattr("numba.cuda.dispatcher.get_current_device", lambda: device)
    return compiled


@pytest.mark.slow
@pytest.mark.parametrize("thread", [step_thread, reset_thread, reveal_thread, ground_thread])
def test_kernels_compile_for_a_gpu(compiler, thread):
    """With nothing left to link: no allocation, no call into Python or the CPU's libraries."""
    simulator = fleet()
    arrays = arguments(simulator, simulator.world, np.zeros((ROWS, 1)))[thread]
    assembly = compiler(thread, tuple(numba.typeof(each) for each in arrays))
    assert ".target sm_80" in assembly
    assert len(re.findall(rf"^\.visible \.entry \S*{thread.__name__}", assembly, re.M)) == 1
    assert not re.findall(r"^\.extern \.func.*", assembly, re.M)


def fly_beside():
    """Fly the same steps in threads and as the CPU's loops do, half of the rows to the ground."""
    simulator = fleet()
    one = simulator.world
    one.key[:] = np.arange(ROWS)
    start = np.full((ROWS, 4), np.nan)
    start[::2, 0] = 2.0  # m; the others fly on
    everyone = np.ones(ROWS, bool)
    simulator.reset(everyone, 0, start)
    other = type(one)(*(array.copy() for array in one))
    for actions in np.random.default_rng(7).uniform(-1.0, 0.0, (6, ROWS, 1)):
        flight = one, simulator.shared, actions, simulator.shown, DISABLED
        step_part(*flight, 0, blocks_of(ROWS))
        launch(step_thread, simulator, other, actions)
        same(one, other)
    touched = one.memory[:, TOUCHDOWN] > 0.0
    assert touched.any()
    assert not touched.all()
    true = simulator.reveal()
    launch(reveal_thread, simulator, other, actions)
    np.testing.assert_array_equal(simulator.truth, true, err_msg="truth")
    ground = launch(ground_thread, simulator, other, actions)[-1]
    expected = [simulator.ground(i, PLACES[i : i + 1], 1.0)[0] for i in range(ROWS)]
    np.testing.assert_array_equal(ground, expected, err_msg="ground")
    for world in (one, other):
        world.key[:] = np.arange(ROWS) + 100
        world.report[:] = 0.0  # reset_rows clears it, a thread does not
    batch.reset_rows(one, simulator.shared, everyone, DISABLED)
    launch(reset_thread, simulator, other, actions)
    same(one, other)


def launch(thread, simulator, world, actions):
    """Run a kernel over all rows; the arrays that it was given."""
    arrays = arguments(simulator, world, actions)[thread]
    if thread is reveal_thread:
        simulator.truth[:] = np.nan
    cuda.jit(thread)[GRID[thread.__name__]](*arrays)
    return arrays


def same(one, other):
    for name, expected, found in zip(one._fields, one, other, strict=True):
        np.testing.assert_array_equal(found, expected, err_msg=name)
        assert found.tobytes() == expected.tobytes(), name  # the sign of a zero too


def test_simulated_gpu_threads_give_the_same_bits_as_the_cpu():
    """In interpreted kernels, in a process of its own: the simulator is chosen at import."""
    program = "from tests.sim.test_cuda import fly_beside; fly_beside()"
    settings = {"NUMBA_ENABLE_CUDASIM": "1", "NUMBA_DISABLE_JIT": "1"}
    # Draws wrap around 64 bits, of which NumPy's scalars warn.
    wrap = "ignore:overflow encountered in scalar:RuntimeWarning"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-W", wrap, "-c", program],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr

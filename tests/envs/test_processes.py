"""Threads, forks, memory: what a trainer does to an environment."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numba
import numpy as np
import pytest

from lunar_env import LunarLandingEnv, LunarLandingVectorEnv
from tests.envs.flying import throttle

ROOT = Path(__file__).parents[2]


def run(code, **environment):
    """Run a script in a process of its own: what it does may end the interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


WORKER = """
import sys
import gymnasium as gym

assert "lunar_env" not in sys.modules
env = gym.make("lunar_env:LunarEnv/ThrottleLanding-v0", scenario="ideal")
print(env.unwrapped.spec.id, env.observation_space.shape == env.reset(seed=1)[0].shape)
"""


def test_a_worker_process_finds_the_ids_without_importing_the_package():
    assert run(WORKER) == ["LunarEnv/ThrottleLanding-v0", "True"]


FORK = """
import os
import threading
import numpy as np
from lunar_env import LunarLandingVectorEnv

env = LunarLandingVectorEnv(128)
env.reset(seed=0)
actions = np.zeros((128, 1), np.float32)
env.step(actions)  # starts the threads of the parent
child = os.fork()
if child == 0:
    alive = threading.active_count()
    env.step(actions)
    os._exit(7 + threading.active_count() - alive)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
env.step(actions)
print(status)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_can_step():
    """On threads of its own, where there are processors for them: its parent's stay behind."""
    helpers = numba.config.NUMBA_NUM_THREADS - 1
    assert run(FORK) == [str(7 + min(1, helpers))]


ASYNC = """
import gymnasium as gym
import numpy as np
import lunar_env

if __name__ == "__main__":
    env = lunar_env.LunarLandingVectorEnv(128)
    env.reset(seed=0)
    env.step(np.zeros((128, 1), np.float32))
    workers = gym.make_vec("LunarEnv/ThrottleLanding-v0", num_envs=2, vectorization_mode="async")
    a, _ = workers.reset(seed=4)
    b = workers.step(np.zeros((2, 1), np.float32))[0]
    single = lunar_env.LunarLandingEnv()
    one = single.reset(seed=5)[0]
    two = single.step(np.zeros(1, np.float32))[0]
    workers.close()
    print(np.array_equal(a[1], one), np.array_equal(b[1], two))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked")
def test_environments_run_in_gymnasiums_async_workers():
    assert run(ASYNC) == ["True", "True"]


THREADS = """
import threading
import numpy as np
from lunar_env import LunarLandingVectorEnv

shown = [None, None]

def fly(k):
    env = LunarLandingVectorEnv(128)
    env.reset(seed=0)
    for _ in range(200):
        shown[k] = env.step(np.zeros((128, 1), np.float32))[0]

threads = [threading.Thread(target=fly, args=(k,)) for k in range(2)]
[t.start() for t in threads]
[t.join() for t in threads]
print(np.array_equal(*shown))
"""


def test_two_python_threads_step_two_environments():
    """Both hand their rows to the same helpers."""
    assert run(THREADS) == ["True"]


def test_several_threads_can_step_serial_environments():
    def fly(rows):
        env = LunarLandingVectorEnv(8, num_threads=1)
        env.reset(seed=0)
        for _ in range(100):
            rows.append(env.step(np.zeros((8, 1), np.float32))[0])

    shown: list[list] = [[], []]
    threads = [threading.Thread(target=fly, args=(rows,)) for rows in shown]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(a, b) for a, b in zip(*shown, strict=True))
    assert len(shown[0]) == 100


def test_memory_of_4096_landers_is_bounded():
    """Peak growth of the process while it is made and flown."""
    code = """
import resource
import numpy as np
from lunar_env import LunarLandingVectorEnv

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0

def fly(rows):
    env = LunarLandingVectorEnv(rows, num_threads=1)
    env.reset(seed=0)
    for _ in range(3):
        env.step(np.zeros((rows, 1), np.float32))
    return env

fly(64)
before = peak()
env = fly(4096)
print(peak() - before)
"""
    pytest.importorskip("resource")
    assert float(run(code)[0]) < 64.0


def seconds(env, steps=3000):
    env.reset(seed=0)
    action = throttle(0.42)
    best = np.inf
    for _ in range(5):
        env.reset(seed=0)
        start = time.perf_counter()
        for _ in range(steps // 30):
            env.step(action)
        best = min(best, time.perf_counter() - start)
    return best


def test_a_render_mode_has_no_cost_before_rendering():
    plain, drawing = LunarLandingEnv(), LunarLandingEnv(render_mode="rgb_array")
    seconds(plain)
    ratio = min(seconds(drawing) / seconds(plain) for _ in range(5))
    assert ratio < 1.15
    assert drawing._renderer is None


def test_making_an_environment_does_not_import_the_renderer():
    code = """
import sys
import numpy as np
import lunar_env
env = lunar_env.LunarLandingEnv(render_mode="rgb_array")
env.reset(seed=0)
env.step(np.zeros(1, np.float32))
print("pygame" in sys.modules, "torch" in sys.modules, "matplotlib" in sys.modules)
"""
    assert run(code) == ["False", "False", "False"]

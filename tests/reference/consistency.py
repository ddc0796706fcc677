"""Does a filter know what it knows? Its told sigmas against its true errors, over many flights.

Run ``python -m tests.reference.consistency --help`` from the root of the repository for the table.

NEES is the square of the error over the told sigma, one for each state: its mean is 1 where the
told sigma is right, and 95.4 % of the errors lie within two sigma. NIS is the same of the
innovations of the samples that were accepted. Both are taken at every step from the first range
that was used until the first contact.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from agents import make_pilot
from agents.navigation import memory as samples
from agents.navigation.rival import CHANNEL, CHANNEL_WIDTH
from agents.observation import ObservationReader
from lunar_env import PRIVILEGED_FIELDS, LunarLandingVectorEnv

TRUTH = {field_.name: i for i, field_ in enumerate(PRIVILEGED_FIELDS)}
EDGES_M = (0.0, 20.0, 100.0, 500.0, 1500.0, 3000.0, 1e5)  # of the bands of height
NAMES = ("height", "v_z", "x", "y", "v_x", "v_y")
TRUE = ("height_m", "v_z_m_s", "r_x_m", "r_y_m", "v_x_m_s", "v_y_m_s")
LEAST = 200  # samples of a band that are too few for a mean
WILD = 10.0  # sigmas, beyond which an error is not of the told distribution: a false echo, a step


@dataclass
class Tally:
    """Sums over samples, in each band of height; the last element is over all heights.

    Samples beyond `WILD` sigmas are counted, and not part of the sums.
    """

    number: np.ndarray = field(default_factory=lambda: np.zeros(len(EDGES_M)))
    squares: np.ndarray = field(default_factory=lambda: np.zeros(len(EDGES_M)))
    within: np.ndarray = field(default_factory=lambda: np.zeros(len(EDGES_M)))
    wild: int = 0

    def add(self, height: np.ndarray, error: np.ndarray, sigma: np.ndarray) -> None:
        """Add errors [any unit] with their told sigmas, at true heights [m], each (n,)."""
        ratio = (error / sigma) ** 2
        tame = ratio <= WILD**2
        self.wild += int(np.sum(~tame))
        height, ratio = height[tame], ratio[tame]
        band = np.clip(np.searchsorted(EDGES_M, height) - 1, 0, len(EDGES_M) - 2)
        for at in (band, np.full_like(band, len(EDGES_M) - 1)):
            np.add.at(self.number, at, 1.0)
            np.add.at(self.squares, at, ratio)
            np.add.at(self.within, at, ratio <= 4.0)

    @property
    def mean(self) -> np.ndarray:
        """Mean square, (bands + 1,); nan where there are too few samples."""
        return np.where(self.number >= LEAST, self.squares / np.maximum(self.number, 1.0), np.nan)

    @property
    def covered(self) -> np.ndarray:
        """Share within two sigma, (bands + 1,)."""
        return np.where(self.number >= LEAST, self.within / np.maximum(self.number, 1.0), np.nan)


def channels(at: int, count: int) -> list[tuple[int, int]]:
    """Columns of innovation and of its variance of a sensor's channels in the filter's memory."""
    first = (at + CHANNEL_WIDTH * k for k in range(count))
    return [(c + CHANNEL.innovation, c + CHANNEL.variance) for c in first]


SENSORS = {
    "range": channels(samples.RANGE, 1),
    "radar": channels(samples.RADAR, 1),
    "doppler": channels(samples.VELOCITY, samples.COMPONENTS),
    "camera": channels(samples.CAMERA, samples.COMPONENTS),
}


def add_innovations(
    tallies: dict[str, Tally], reading: Any, memory: np.ndarray, height: np.ndarray, on: np.ndarray
) -> None:
    """Add the innovations of the step; `memory` is that of the filter, `on` the rows that fly."""
    aids = reading.aids
    new = {
        "range": reading.ranges.valid.any(axis=1),
        **{"radar": aids.ralt_new, "doppler": aids.dvl_new, "camera": aids.cam_new},
    }
    for name, columns in SENSORS.items():
        for innovation, variance in columns:
            accepted = memory[:, innovation - CHANNEL.innovation + CHANNEL.rejected] == 0.0
            rows = on & new[name] & accepted & (memory[:, variance] > 0.0)
            tallies.setdefault(name, Tally()).add(
                height[rows], memory[rows, innovation], np.sqrt(memory[rows, variance])
            )


def add_errors(
    tallies: dict[str, Tally], believed: Any, true: np.ndarray, height: np.ndarray, on: np.ndarray
) -> None:
    """Add the errors of the estimate `believed` against the true states `true`, rows first."""
    told = (believed.height_sigma_m, believed.v_z_sigma_m_s)
    told += (believed.horizontal_sigma_m,) * 2 + (believed.v_lateral_sigma_m_s,) * 2
    means = (believed.height_m, believed.v_z_m_s, believed.x_m, believed.y_m)
    means += (believed.v_x_m_s, believed.v_y_m_s)
    for name, true_name, mean, sigma in zip(NAMES, TRUE, means, told, strict=True):
        error = mean - true[:, TRUTH[true_name]]
        tallies.setdefault(name, Tally()).add(height[on], error[on], sigma[on])


def consistency(
    mission: str, phase: str, scenario: str, flights: int, seed: int, pilot: str
) -> tuple[dict[str, Tally], float]:
    """Fly, and return the tally of each state and each sensor, and the share that landed."""
    control = "throttle" if phase == "terminal" else "thrust_vector"
    env = LunarLandingVectorEnv(
        flights, mission, scenario, phase=phase, control=control, info="numeric"
    )
    flown, tallies = make_pilot(pilot, env.observation_fields, mission=mission), {}
    reader = ObservationReader(env.observation_fields)
    shown, _ = env.reset(seed=seed)
    state, starts, flying = None, np.ones(flights, bool), np.ones(flights, bool)
    landed, aloft = 0, np.ones(flights, bool)
    while flying.any():
        true, believed = env.privileged.copy(), flown.estimate(shown, state, starts)
        action, state = flown.predict(shown, state, starts)
        height = true[:, TRUTH["height_m"]]
        # A lander that rebounds has touched; one that did so during the step is below the ground.
        aloft &= (true[:, TRUTH["touching"]] == 0.0) & (height > 0.0)
        on = flying & believed.seen & aloft
        add_errors(tallies, believed, true, height, on)
        memory = next(part for part in reversed(state) if part.shape[1:] == (samples.MEMORY,))
        add_innovations(tallies, reader.read(shown), memory, height, on)
        shown, _, terminated, truncated, info = env.step(action)
        ended = flying & (terminated | truncated)
        landed += int(info["is_success"][ended].sum())
        flying, starts = flying & ~ended, np.zeros(flights, bool)
    env.close()
    return tallies, landed / flights


def table(tallies: dict[str, Tally]) -> str:
    """Lines of the mean squares and of the shares within two sigma, by band of height."""
    bands = [f"<{edge:g}" for edge in EDGES_M[1:-1]] + [f">{EDGES_M[-2]:g}", "all"]
    lines = [f"{'mean square':>12}" + "".join(f"{band:>8}" for band in [*bands, "2 sig"])]
    for name, tally in tallies.items():
        if tally.number[-1] >= LEAST:
            cells = [f"{value:8.2f}" for value in tally.mean]
            lines.append(f"{name:>12}" + "".join(cells) + f"{100.0 * tally.covered[-1]:8.1f}")
    return "\n".join(lines)


def main() -> None:
    """Print the tables that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="+", help="MISSION:PHASE:SCENARIO")
    parser.add_argument("--flights", type=int, default=400)
    parser.add_argument("--seed", type=int, default=50_000)
    parser.add_argument("--pilot", default="e-guidance+kalman")
    given = parser.parse_args()
    for case in given.cases:
        tallies, landed = consistency(*case.split(":"), given.flights, given.seed, given.pilot)
        sys.stdout.write(
            f"\n{case}, {given.pilot}: {100.0 * landed:.1f} % of {given.flights} landed\n"
        )
        sys.stdout.write(table(tallies) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

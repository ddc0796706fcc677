"""Seeds by domain: training, tuning and benchmark have no episode in common.

Lists of episode seeds are drawn from ``SeedSequence((seed, domain))``. Episodes for training, for
selection of the best policy and for the final evaluation are therefore different for any seeds of
the user, and a longer list starts with the shorter one.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from lunar_env.errors import ConfigError

__all__ = ["Domain", "check_seed", "episode_seeds", "generator_seed"]

MAX_SEED = 2**63 - 1


class Domain(IntEnum):
    """The use of a list of seeds. The numbers must not change: published results depend on them."""

    TRAIN = 1
    TUNE = 2
    BENCH = 3


def episode_seeds(seed: int, domain: Domain, count: int) -> list[int]:
    """Return the seeds of `count` episodes.

    Parameters
    ----------
    seed : int
        The user's seed, 0 or more.
    domain : Domain
        What the episodes are used for.
    count : int
        Number of seeds.

    Returns
    -------
    list of int
        Seeds in ``[0, 2**63)``, for ``env.reset(seed=...)``.

    Raises
    ------
    ConfigError
        If `seed` is not in ``[0, 2**63)``.

    Examples
    --------
    >>> episode_seeds(0, Domain.BENCH, 5)[:2] == episode_seeds(0, Domain.BENCH, 2)
    True
    """
    check_seed(seed)
    words = np.random.SeedSequence((seed, int(domain))).generate_state(count, np.uint64)
    return [int(word) >> 1 for word in words]


def generator_seed(seed: int, domain: Domain) -> int:
    """Return a 32-bit seed for libraries with one global generator (torch, Stable-Baselines3).

    Parameters
    ----------
    seed : int
        The user's seed.
    domain : Domain
        What the generator is used for.

    Returns
    -------
    int
        A seed in ``[0, 2**32)``, unrelated to the episode seeds of the same domain.
    """
    check_seed(seed)
    words = np.random.SeedSequence((seed, int(domain), 1)).generate_state(1, np.uint32)
    return int(words[0])


def check_seed(seed: int) -> None:
    """Check that a seed is in ``[0, 2**63)``.

    Raises
    ------
    ConfigError
        If it is not.
    """
    if not 0 <= seed <= MAX_SEED:
        raise ConfigError(f"seed = {seed} must be between 0 and 2**63 - 1")

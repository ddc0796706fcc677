"""Seeds: reproducible, disjoint by domain and by run."""

import pytest

from lunar_env.errors import ConfigError
from training.seeds import Domain, episode_seeds, generator_seed

# Published results rest on these.
BENCH_0 = [3291213472928352369, 713413171168767637]


def test_seeds_have_fixed_values():
    assert episode_seeds(0, Domain.BENCH, 3) == episode_seeds(0, Domain.BENCH, 3)
    assert episode_seeds(0, Domain.BENCH, 2) == BENCH_0


def test_a_longer_list_of_seeds_starts_with_the_shorter_one():
    assert episode_seeds(7, Domain.TRAIN, 1000)[:10] == episode_seeds(7, Domain.TRAIN, 10)


def test_no_two_domains_or_runs_share_an_episode():
    count = 2000
    lists = [episode_seeds(seed, domain, count) for seed in (0, 1, 2, 2**40) for domain in Domain]
    assert len(set().union(*lists)) == count * len(lists)


def test_seeds_fit_a_signed_64_bit_integer():
    assert all(0 <= seed < 2**63 for seed in episode_seeds(3, Domain.TUNE, 500))


def test_generator_seeds_differ_from_episode_seeds():
    seeds = {generator_seed(0, domain) for domain in Domain}
    assert len(seeds) == len(Domain)
    assert all(0 <= seed < 2**32 for seed in seeds)


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_out_of_range_is_rejected(seed):
    with pytest.raises(ConfigError, match="must be between"):
        episode_seeds(seed, Domain.TRAIN, 1)

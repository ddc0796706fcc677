"""A policy of Stable-Baselines3 with a recurrent layer."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.torch_layers import MlpExtractor
from torch import nn

__all__ = ["GruPolicy", "unrolled"]


class GruPolicy(ActorCriticPolicy):
    """Networks of PPO, the policy's with a recurrent layer.

    Parameters
    ----------
    *args, **keywords
        As of `ActorCriticPolicy`.
    gru : int
        Units of the recurrent layer.
    """

    def __init__(self, *args: Any, gru: int, **keywords: Any) -> None:
        self._units = gru
        super().__init__(*args, **keywords)

    def _build_mlp_extractor(self) -> None:
        super()._build_mlp_extractor()
        self.gru = nn.GRU(self.features_dim, self._units)
        wide = MlpExtractor(
            self.features_dim + self._units, self.net_arch, self.activation_fn, self.device
        )
        self.mlp_extractor.policy_net = wide.policy_net
        self.mlp_extractor.latent_dim_pi = wide.latent_dim_pi


def unrolled(
    gru: nn.GRU, seen: torch.Tensor, memory: torch.Tensor, starts: torch.Tensor
) -> torch.Tensor:
    """Return the memory after each step of sequences in which episodes may begin.

    Parameters
    ----------
    gru : torch.nn.GRU
        One layer.
    seen : Tensor of float32, shape (steps, rows, inputs)
        Inputs.
    memory : Tensor of float32, shape (rows, units)
        Memory before the first step.
    starts : Tensor of bool, shape (steps, rows)
        Whether an episode begins with a step: then the memory is zero before it.

    Returns
    -------
    Tensor of float32, shape (steps, rows, units)
        Memories.
    """
    begun = torch.nonzero(starts.any(dim=1)).flatten().tolist()
    parts = []
    for first, last in pairwise(sorted({0, *begun, len(seen)})):
        fresh = torch.where(starts[first][:, None], 0.0, memory)
        part, _ = gru(seen[first:last], fresh[None])
        parts.append(part)
        memory = part[-1]
    return torch.cat(parts)

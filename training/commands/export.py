"""``export``: write the best policy of a run as weights and card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents import save_policy
from agents.learned import read_policy
from agents.source import policy_of_run
from lunar_env.files import require_suffix

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from training.policy_options import Export

__all__ = ["run"]


def run(options: Export, out: Console) -> Mapping[str, object]:
    """Export the policy.

    Parameters
    ----------
    options : Export
        Options of the command.
    out : Console
        Console for the user.

    Returns
    -------
    mapping
        Paths of the two files, and the scores on the card.
    """
    source = policy_of_run(options.run)
    require_suffix(options.out, (".safetensors", ".json", ""), "a policy file")
    policy, tensors = read_policy(source)
    weights = save_policy(options.out, tensors, policy, replace=False)
    card = weights.with_suffix(".json")
    out.print(f"policy: {weights}\ncard: {card}", soft_wrap=True)
    return {"weights": str(weights), "card": str(card), "scores": dict(policy.scores)}

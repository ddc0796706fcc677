"""A learned pilot: a policy of plain numbers, evaluated in NumPy.

The two files, ``name.safetensors`` (weights) and ``name.json`` (card), hold no code, and loading
them runs none; flying needs no torch. The card says for which observation layout, history, mission
and scenario the policy was trained, by which command, and how it scored.
"""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lunar_env.errors import ConfigError
from lunar_env.files import output
from lunar_env.reading import is_file, read_bytes

from .base import as_batch, as_starts
from .card import PolicyCard, card_of, card_text, read_card
from .guided import Guided
from .layout import check_actions, columns_of, frame_width
from .making import classical_pilot
from .network import Network
from .tensors import MAX_BYTES, read_weights, tensor_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike

    from .base import FieldLike, Float32Array, Float64Array, PilotState
    from .classical import ClassicalPilot

__all__ = ["LearnedPilot", "load_policy", "read_policy", "save_policy"]


class LearnedPilot:
    """A network between observations and commands; implements `Pilot`.

    Parameters
    ----------
    name : str
        Name under which results are reported.
    card : PolicyCard
        What the policy is and expects.
    tensors : mapping of str to ndarray
        Its weights, see `Network`.
    fields : sequence of Field, optional
        What the environment observes; if left out, what the policy was trained on and no more. A
        policy with a guide needs them.
    mission : str, optional
        Name of the mission, for the gains of a guide.
    tilt_max_deg : float, optional
        Of a guide in ``thrust_vector`` control [deg], see `ClassicalPilot`.

    Raises
    ------
    ConfigError
        If a tensor is missing, has another shape than the card says, or is not finite, or if the
        environment does not observe what the policy needs.
    """

    def __init__(
        self,
        name: str,
        card: PolicyCard,
        tensors: Mapping[str, Float32Array],
        fields: Sequence[FieldLike] | None = None,
        *,
        mission: str | None = None,
        tilt_max_deg: float | None = None,
    ) -> None:
        self.name = name
        self.card = card
        self._network = Network(name, card, tensors)
        if card.guidance is None:
            self._eyes: _Columns | Guided = _Columns(name, card, fields)
            return
        if fields is None:
            raise ConfigError(
                f"policy {name!r} flies with a guide, {card.guidance.pilot}, which needs the"
                " observation_fields of the environment"
            )
        check_actions(name, card, fields)
        gains = card.guidance.gains_for(mission)
        guide = classical_pilot(card.guidance.pilot, fields, gains, tilt_max_deg, mission)
        self._eyes = Guided(guide, card.guidance.inputs, card.guidance.residual)

    @property
    def guide(self) -> ClassicalPilot | None:
        """The classical pilot that flies along; None for a policy without one."""
        return self._eyes.guide if isinstance(self._eyes, Guided) else None

    def with_guide(self, guide: ClassicalPilot) -> LearnedPilot:
        """Return a copy with another guide of the same law and filter, such as a recorded one."""
        assert isinstance(self._eyes, Guided)
        other = copy.copy(self)
        other._eyes = Guided(guide, self._eyes.names, self._eyes.residual)
        return other

    @property
    def needs_truth(self) -> bool:
        """Whether its guide was given the true state, which a study may do."""
        return self.guide is not None and self.guide.needs_truth

    def predict(
        self,
        observation: ArrayLike,
        state: PilotState | None = None,
        episode_start: ArrayLike | None = None,
        deterministic: bool = True,  # noqa: ARG002 (the mean action is all that is flown)
    ) -> tuple[Float32Array, PilotState | None]:
        """Mean action of the policy; see `Pilot.predict`."""
        eyes = self._eyes
        batch, single = as_batch(observation, eyes.guide.width if isinstance(eyes, Guided) else 1)
        starts = as_starts(episode_start, len(batch), fresh=state is None)
        own, memory = self._network.part(state)
        if isinstance(eyes, Guided):
            seen = eyes.see(batch, own, starts)
            output, after = self._network(seen.inputs, memory, starts)
            action, own = eyes.command(seen, output), seen.memory
        else:
            action, after = self._network(eyes.inputs(batch), memory, starts)
        return (action[0] if single else action), ((*(own or ()), *after) or None)

    def belief(
        self,
        observation: ArrayLike,
        state: PilotState | None = None,
        episode_start: ArrayLike | None = None,
    ) -> tuple[Float64Array, ...] | None:
        """Return what its guide believes, see `ClassicalPilot.belief`; None without a guide."""
        eyes = self._eyes
        if not isinstance(eyes, Guided):
            return None
        own, _ = self._network.part(state)
        return eyes.guide.belief(observation, eyes.memory_of_guide(own), episode_start)


class _Columns:
    """The observation itself: the elements that a policy was trained on, by name."""

    def __init__(self, name: str, card: PolicyCard, fields: Sequence[FieldLike] | None) -> None:
        self._name, self._history = name, card.history
        own = np.arange(len(card.observation_fields))
        self._columns = own if fields is None else columns_of(name, card, fields)
        self._frame = len(own) if fields is None else frame_width(fields)
        self._needs = int(self._columns.max(initial=-1)) + 1

    def inputs(self, batch: Float32Array) -> Float32Array:
        """Return the columns of observations that the network sees."""
        if batch.shape[1] < self._needs or batch.shape[1] % self._frame:
            raise ConfigError(
                f"policy {self._name!r} expects observations of whole frames of {self._frame}"
                f" elements (history={self._history}), got {batch.shape[1]}"
            )
        return batch[:, self._columns]


def load_policy(
    path: str | Path,
    observation_fields: Sequence[FieldLike] | None = None,
    *,
    mission: str | None = None,
    tilt_max_deg: float | None = None,
) -> LearnedPilot:
    """Load a policy from its two files.

    Parameters
    ----------
    path : str or Path
        Either of the two files; the other is in the same folder.
    observation_fields : sequence of Field, optional
        Layout of the environment that it is to fly in; elements are found by name. If left out,
        the layout that it was trained on.
    mission : str, optional
        Name of the mission, for the gains of a policy's guide.
    tilt_max_deg : float, optional
        Of a guide in ``thrust_vector`` control [deg], see `ClassicalPilot`.

    Returns
    -------
    LearnedPilot
        Ready to fly.

    Raises
    ------
    ConfigError
        If a file is missing, broken or cut short, the two do not belong together, or the
        environment does not observe what the policy was trained on.
    """
    card, tensors = read_policy(path)
    return LearnedPilot(
        Path(path).stem,
        card,
        tensors,
        observation_fields,
        mission=mission,
        tilt_max_deg=tilt_max_deg,
    )


def read_policy(path: str | Path) -> tuple[PolicyCard, dict[str, Float32Array]]:
    """Read the two files of a policy.

    Parameters
    ----------
    path : str or Path
        Either of them; the other is in the same folder.

    Returns
    -------
    card : PolicyCard
        What the policy is.
    tensors : dict of ndarray
        Its weights.

    Raises
    ------
    ConfigError
        If a file is missing, broken or cut short, or the two do not belong together.
    """
    card_path = card_of(path)
    card = read_card(card_path)
    tensors, digest = read_weights(card_path.with_suffix(".safetensors"))
    if digest != card.weights_sha256:
        raise ConfigError(
            f"{card_path}: is not the card of {card_path.stem}.safetensors, whose SHA-256 begins"
            f" with {digest[:12]!r}, not with {card.weights_sha256[:12]!r}; take both files from"
            " one export, or, if a run was killed while it wrote them, run train --resume"
        )
    return card, tensors


def save_policy(
    path: str | Path, tensors: Mapping[str, ArrayLike], card: PolicyCard, *, replace: bool = True
) -> Path:
    """Write weights and card, each whole or not at all.

    Parameters
    ----------
    path : str or Path
        Where the weights go; the suffix is set to ``.safetensors``, the card's to ``.json``.
    tensors : mapping of str to array_like
        As for `LearnedPilot`.
    card : PolicyCard
        The card.
    replace : bool, optional
        Whether files of these names are replaced.

    Returns
    -------
    Path
        Path of the weights.

    Raises
    ------
    ConfigError
        If the tensors do not fit the card; nothing is written then.
    OutputError
        If a file cannot be written, or exists and is not to be replaced. If the
        existing file is one of this very pair, the other is added.
    """
    weights = Path(path).with_suffix(".safetensors")
    arrays = {k: np.ascontiguousarray(v, dtype=np.float32) for k, v in tensors.items()}
    Network(weights.stem, card, arrays)  # raises if it could not be loaded again
    content = tensor_bytes(arrays)
    text = card_text(dataclasses.replace(card, weights_sha256=hashlib.sha256(content).hexdigest()))
    card_path = weights.with_suffix(".json")
    # A process that was killed between the two left one file: the pair is completed.
    replace = replace or _is_half({weights: content, card_path: text.encode()})
    with (
        output(card_path, replace=replace) as card_file,
        output(weights, replace=replace) as weights_file,
    ):
        weights_file.write(content)
        card_file.write(text)
    return weights


def _is_half(contents: Mapping[Path, bytes]) -> bool:
    """Whether just one of the files exists, with the content that is to be written."""
    existing = [path for path in contents if os.path.lexists(path)]
    if len(existing) != 1 or not is_file(existing[0]):
        return False
    wanted = contents[existing[0]]
    same_size = existing[0].stat().st_size == len(wanted)
    return same_size and read_bytes(existing[0], MAX_BYTES) == wanted

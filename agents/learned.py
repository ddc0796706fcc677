"""A learned pilot: a policy of plain numbers, evaluated in NumPy.

The two files, ``name.safetensors`` (weights) and ``name.json`` (card), hold no code, and loading
them runs none; flying needs no torch. The card says for which observation layout, history, mission
and scenario the policy was trained, by which command, and how it scored.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from lunar_env.errors import ConfigError, nearest
from lunar_env.files import output
from lunar_env.reading import is_file, read_bytes

from .base import as_batch
from .card import PolicyCard, card_of, card_text, read_card
from .layout import columns_of, frame_width
from .tensors import MAX_BYTES, read_weights, tensor_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import ArrayLike

    from .base import FieldLike, Float32Array, PilotState

__all__ = ["LearnedPilot", "load_policy", "read_policy", "save_policy"]


def _relu(x: Float32Array) -> Float32Array:
    return np.maximum(x, np.float32(0.0))


def _elu(x: Float32Array) -> Float32Array:
    return np.where(x > 0.0, x, np.expm1(np.minimum(x, np.float32(0.0))))


def _silu(x: Float32Array) -> Float32Array:
    # tanh form: exp of a large negative argument would overflow
    half = np.float32(0.5)
    out: Float32Array = x * half * (np.float32(1.0) + np.tanh(x * half))
    return out


ACTIVATIONS: Final[dict[str, Callable[[Float32Array], Float32Array]]] = {
    "tanh": np.tanh,
    "relu": _relu,
    "elu": _elu,
    "silu": _silu,
}


class LearnedPilot:
    """Multi-layer perceptron with the output clipped to [-1, 1]; implements `Pilot`.

    Parameters
    ----------
    name : str
        Name under which results are reported.
    card : PolicyCard
        What the policy is and expects.
    tensors : mapping of str to ndarray
        ``layer{i}.weight`` (out, in), ``layer{i}.bias``, ``output.weight``, ``output.bias`` and
        perhaps ``log_std``, which only training needs.
    fields : sequence of Field, optional
        What the environment observes; if left out, what the policy was trained on and no more.

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
    ) -> None:
        self.name = name
        self.card = card
        if card.activation not in ACTIVATIONS:
            hint = nearest(card.activation, ACTIVATIONS)
            raise ConfigError(
                f"policy {name!r}: unknown activation {card.activation!r}{hint}"
                f" (available: {', '.join(ACTIVATIONS)})"
            )
        self._activation = ACTIVATIONS[card.activation]
        self._layers = _checked_layers(name, card, tensors)
        own = np.arange(len(card.observation_fields))
        self._columns = own if fields is None else columns_of(name, card, fields)
        self._frame = len(own) if fields is None else frame_width(fields)
        self._needs = int(self._columns.max(initial=-1)) + 1

    def predict(
        self,
        observation: ArrayLike,
        state: PilotState | None = None,
        episode_start: ArrayLike | None = None,  # noqa: ARG002 (the protocol; it has no memory)
        deterministic: bool = True,  # noqa: ARG002 (the mean action is all that is flown)
    ) -> tuple[Float32Array, PilotState | None]:
        """Mean action of the policy; see `Pilot.predict`."""
        batch, single = as_batch(observation, 1)
        if batch.shape[1] < self._needs or batch.shape[1] % self._frame:
            raise ConfigError(
                f"policy {self.name!r} expects observations of whole frames of {self._frame}"
                f" elements (history={self.card.history}), got {batch.shape[1]}"
            )
        # One matrix-vector product a row: a product of the whole batch rounds by its size.
        x = np.ascontiguousarray(batch[:, self._columns])[:, :, None]
        for weight, bias in self._layers[:-1]:
            x = self._activation(weight.T @ x + bias[:, None])
        weight, bias = self._layers[-1]
        output = np.squeeze(weight.T @ x + bias[:, None], axis=2)
        action = np.clip(output, np.float32(-1.0), np.float32(1.0))
        return (action[0] if single else action), state


def load_policy(
    path: str | Path, observation_fields: Sequence[FieldLike] | None = None
) -> LearnedPilot:
    """Load a policy from its two files.

    Parameters
    ----------
    path : str or Path
        Either of the two files; the other is in the same folder.
    observation_fields : sequence of Field, optional
        Layout of the environment that it is to fly in; elements are found by name. If left out,
        the layout that it was trained on.

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
    return LearnedPilot(Path(path).stem, card, tensors, observation_fields)


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
    LearnedPilot(weights.stem, card, arrays)  # raises if it could not be loaded again
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


def _checked_layers(
    name: str, card: PolicyCard, tensors: Mapping[str, Float32Array]
) -> list[tuple[Float32Array, Float32Array]]:
    """Weights transposed for ``x @ w``, after comparing every shape with the card's."""
    outputs = len(card.action_fields)
    sizes = [len(card.observation_fields), *card.hidden, outputs]
    names = [*(f"layer{i}" for i in range(len(card.hidden))), "output"]
    layers = []
    for layer, n_in, n_out in zip(names, sizes[:-1], sizes[1:], strict=True):
        weight = _checked(name, tensors, f"{layer}.weight", (n_out, n_in))
        bias = _checked(name, tensors, f"{layer}.bias", (n_out,))
        layers.append((np.ascontiguousarray(weight.T), bias))
    return layers


def _checked(
    name: str, tensors: Mapping[str, Float32Array], key: str, shape: tuple[int, ...]
) -> Float32Array:
    if key not in tensors:
        raise ConfigError(f"policy {name!r} has no tensor {key!r}{nearest(key, tensors)}")
    array = tensors[key]
    if array.shape != shape:
        raise ConfigError(
            f"policy {name!r}: {key!r} has shape {array.shape}, must have {shape} as in its card"
        )
    if not np.isfinite(array).all():
        raise ConfigError(f"policy {name!r}: {key!r} holds values that are not finite")
    return array

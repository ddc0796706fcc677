"""The network of a learned pilot: a multi-layer perceptron, evaluated in NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lunar_env.errors import ConfigError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .base import Float32Array
    from .card import PolicyCard

__all__ = ["ACTIVATIONS", "Network"]


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


class Network:
    """Multi-layer perceptron with the output clipped to [-1, 1].

    Parameters
    ----------
    name : str
        Name of the policy, for messages.
    card : PolicyCard
        What the policy is.
    tensors : mapping of str to ndarray
        ``layer{i}.weight`` (out, in), ``layer{i}.bias``, ``output.weight``, ``output.bias`` and
        perhaps ``log_std``, which only training needs.

    Raises
    ------
    ConfigError
        If a tensor is missing, has another shape than the card says, or is not finite.
    """

    def __init__(self, name: str, card: PolicyCard, tensors: Mapping[str, Float32Array]) -> None:
        if card.activation not in ACTIVATIONS:
            hint = nearest(card.activation, ACTIVATIONS)
            raise ConfigError(
                f"policy {name!r}: unknown activation {card.activation!r}{hint}"
                f" (available: {', '.join(ACTIVATIONS)})"
            )
        self._activation = ACTIVATIONS[card.activation]
        self._layers = _checked_layers(name, card, tensors)

    def __call__(self, inputs: Float32Array) -> Float32Array:
        """Return the outputs of each row.

        Parameters
        ----------
        inputs : ndarray of float32, shape (n, inputs)
            Inputs.

        Returns
        -------
        ndarray of float32, shape (n, outputs)
            In [-1, 1]; those of a row do not depend on the other rows.
        """
        # One matrix-vector product a row: a product of the whole batch rounds by its size.
        x = np.ascontiguousarray(inputs)[:, :, None]
        for weight, bias in self._layers[:-1]:
            x = self._activation(weight.T @ x + bias[:, None])
        weight, bias = self._layers[-1]
        output = np.squeeze(weight.T @ x + bias[:, None], axis=2)
        return np.clip(output, np.float32(-1.0), np.float32(1.0))


def _checked_layers(
    name: str, card: PolicyCard, tensors: Mapping[str, Float32Array]
) -> list[tuple[Float32Array, Float32Array]]:
    """Weights transposed for ``x @ w``, after comparing every shape with the card's."""
    sizes = [card.inputs, *card.hidden, len(card.action_fields)]
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

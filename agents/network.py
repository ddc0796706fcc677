"""The network of a learned pilot: a perceptron, perhaps with a memory, evaluated in NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lunar_env.errors import ConfigError, nearest

from .recurrent import Gru

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .base import BoolArray, Float32Array, PilotState
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


def _clip(x: Float32Array) -> Float32Array:
    return np.clip(x, np.float32(-1.0), np.float32(1.0))


_OUTPUTS: Final[dict[str, Callable[[Float32Array], Float32Array]]] = {
    "clip": _clip,
    "tanh": np.tanh,
}


class Network:
    """Multi-layer perceptron with the output clipped to [-1, 1], or its hyperbolic tangent.

    With a recurrent layer, which reads the inputs, the perceptron reads the inputs and its memory.

    Parameters
    ----------
    name : str
        Name of the policy, for messages.
    card : PolicyCard
        What the policy is.
    tensors : mapping of str to ndarray
        ``layer{i}.weight`` (out, in), ``layer{i}.bias``, ``output.weight``, ``output.bias`` and
        perhaps those of ``log_std``, which only training needs; of a recurrent layer
        ``gru.weight_ih``, ``gru.weight_hh``, ``gru.bias_ih`` and ``gru.bias_hh``, see `Gru`.

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
        self._squash = _OUTPUTS[card.output]
        self._layers = _checked_layers(name, card, tensors)
        self._units = card.gru
        self._gru = _checked_gru(name, card, tensors) if card.gru else None

    def part(self, state: PilotState | None) -> tuple[PilotState | None, Float32Array | None]:
        """Divide the memory of a pilot into what others remember and what the network does."""
        if self._gru is None or state is None:
            return state, None
        return state[:-1] or None, state[-1]

    def __call__(
        self, inputs: Float32Array, memory: Float32Array | None, starts: BoolArray
    ) -> tuple[Float32Array, PilotState]:
        """Return the outputs of each row, and what is remembered.

        Parameters
        ----------
        inputs : ndarray of float32, shape (n, inputs)
            Inputs.
        memory : ndarray of float32, shape (n, units), or None
            Memory of the recurrent layer; None at first.
        starts : ndarray of bool, shape (n,)
            Rows that begin an episode: their memory is cleared.

        Returns
        -------
        outputs : ndarray of float32, shape (n, outputs)
            In [-1, 1]; those of a row do not depend on the other rows.
        memory : tuple of ndarray
            The memory after, as the only element; empty without a recurrent layer.
        """
        # One matrix-vector product a row: a product of the whole batch rounds by its size.
        x = np.ascontiguousarray(inputs)[:, :, None]
        if self._gru is None:
            return self._perceptron(x), ()
        if memory is None:
            memory = np.zeros((len(inputs), self._units), np.float32)
        after = self._gru(x, np.where(starts[:, None], np.float32(0.0), memory))
        return self._perceptron(np.concatenate((x, after[:, :, None]), axis=1)), (after,)

    def _perceptron(self, x: Float32Array) -> Float32Array:
        for weight, bias in self._layers[:-1]:
            x = self._activation(weight.T @ x + bias[:, None])
        weight, bias = self._layers[-1]
        output = np.squeeze(weight.T @ x + bias[:, None], axis=2)
        return self._squash(output)


def _checked_layers(
    name: str, card: PolicyCard, tensors: Mapping[str, Float32Array]
) -> list[tuple[Float32Array, Float32Array]]:
    """Weights transposed for ``x @ w``, after comparing every shape with the card's."""
    sizes = [card.inputs + card.gru, *card.hidden, len(card.action_fields)]
    names = [*(f"layer{i}" for i in range(len(card.hidden))), "output"]
    layers = []
    for layer, n_in, n_out in zip(names, sizes[:-1], sizes[1:], strict=True):
        weight = _checked(name, tensors, f"{layer}.weight", (n_out, n_in))
        bias = _checked(name, tensors, f"{layer}.bias", (n_out,))
        layers.append((np.ascontiguousarray(weight.T), bias))
    return layers


def _checked_gru(name: str, card: PolicyCard, tensors: Mapping[str, Float32Array]) -> Gru:
    triple = 3 * card.gru
    return Gru(
        _checked(name, tensors, "gru.weight_ih", (triple, card.inputs)),
        _checked(name, tensors, "gru.weight_hh", (triple, card.gru)),
        _checked(name, tensors, "gru.bias_ih", (triple,)),
        _checked(name, tensors, "gru.bias_hh", (triple,)),
    )


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

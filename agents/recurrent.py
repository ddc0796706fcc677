"""The recurrent layer of a network: a gated recurrent unit (GRU), evaluated in NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .base import Float32Array

__all__ = ["Gru"]


class Gru:
    """Gated recurrent unit in the layout of `torch.nn.GRU`: reset, update, new.

    Parameters
    ----------
    weight_ih, weight_hh : ndarray of float32, shape (3 units, inputs), (3 units, units)
        Weights of the inputs and of the memory.
    bias_ih, bias_hh : ndarray of float32, shape (3 units,)
        Biases.

    References
    ----------
    Cho et al., "Learning phrase representations using RNN encoder-decoder", EMNLP 2014; with the
    reset after the product, as in cuDNN and torch.
    """

    def __init__(
        self,
        weight_ih: Float32Array,
        weight_hh: Float32Array,
        bias_ih: Float32Array,
        bias_hh: Float32Array,
    ) -> None:
        self._weights = np.ascontiguousarray(weight_ih), np.ascontiguousarray(weight_hh)
        self._biases = bias_ih[:, None], bias_hh[:, None]

    def __call__(self, inputs: Float32Array, memory: Float32Array) -> Float32Array:
        """Return the memory after one step.

        Parameters
        ----------
        inputs : ndarray of float32, shape (n, inputs, 1)
            A column a row, so that the results of a row do not depend on the other rows.
        memory : ndarray of float32, shape (n, units)
            Memory before.

        Returns
        -------
        ndarray of float32, shape (n, units)
            Memory after.
        """
        seen = self._weights[0] @ inputs + self._biases[0]
        known = self._weights[1] @ memory[:, :, None] + self._biases[1]
        reset_in, update_in, new_in = np.split(np.squeeze(seen, axis=2), 3, axis=1)
        reset_known, update_known, new_known = np.split(np.squeeze(known, axis=2), 3, axis=1)
        update = _sigmoid(update_in + update_known)
        new = np.tanh(new_in + _sigmoid(reset_in + reset_known) * new_known)
        after: Float32Array = new + update * (memory - new)
        return after


def _sigmoid(x: Float32Array) -> Float32Array:
    # tanh form: exp of a large negative argument would overflow
    half = np.float32(0.5)
    out: Float32Array = half + half * np.tanh(half * x)
    return out

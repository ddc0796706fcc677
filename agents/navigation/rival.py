"""What a filter believes, and a rival of that: which of the samples are true? Compiled.

False ranges lie anywhere in the gate of the rangefinder. While it tracks one they lie near each
other for seconds, but nearer than the noise of true ranges only by chance, and they do not follow
the descent. So two hypotheses are weighed by their evidence: the axis of the filter, which is the
present one, and a rival, another place of it where rejected samples agree. A sample at a hypothesis
adds the logarithm of its likelihood there over that of a false one. A sample elsewhere counts
against the rival, which any false sample may begin, but not against the present hypothesis: false
samples come in long runs. Both start from what dead reckoning knows, with heavy tails as it may be
overconfident: the farther away, the more samples it takes.

A rival with more evidence replaces the present hypothesis, and the two change places: one that was
false is left again after a true sample or two.

References
----------
Wald, Sequential Analysis, 1947: where all samples are false, no more than ``exp(-x)`` of all rivals
ever have the evidence x.
Reid, "An algorithm for tracking multiple targets", IEEE Trans. Automatic Control 24, 1979.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.records import columns, part_record, width

__all__ = [
    *("CHANNEL", "CHANNEL_WIDTH", "Channel", "Gate", "Sample"),
    *("confirm", "exchange", "hears", "load_channel", "rival_wins"),
]

_ROOT_2_PI: Final = math.sqrt(2.0 * math.pi)


class Channel(NamedTuple):
    """Memory of the gate of one channel; the state is a position or a velocity."""

    rejected: float  # [-], consecutive rejections
    innovation: float  # m or m/s, of the last sample; for reports
    variance: float  # of that innovation, as expected
    evidence: float  # [-], of the present hypothesis; infinite where nothing is used again
    rival: float  # [-], evidence of the rival
    apart: float  # m or m/s, state of the rival less the present one
    rival_var: float  # variance of the rival's state; 0 without a rival
    rival_time: float  # s, of its last sample


class Gate(NamedTuple):
    """When a sample is rejected, and what is evidence."""

    sigmas: float  # [-], innovations beyond this are rejected
    false_frac: float  # [-], part of the samples that may be false
    certain: float  # [-], the most evidence that the present hypothesis can have
    tail: float  # [-], degrees of freedom of the errors of dead reckoning
    latches: float  # 1: all is rejected from when the rival would be believed


class Sample(NamedTuple):
    """A measurement as the present hypothesis expects it."""

    innovation: float  # m or m/s
    variance: float  # of the innovation
    noise: float  # variance of the measurement alone
    time: float  # s
    rate_var: float  # per s^2, variance of the rate of the state by dead reckoning
    wander: float  # m^2, of the ground since the last sample
    spread: float  # m or m/s, over which false samples are spread


CHANNEL: Final = columns(Channel)
CHANNEL_WIDTH: Final = width(Channel)
load_channel = part_record(Channel)[0]


@inline_kernel
def evidence(gate: Gate, off: float, variance: float, spread: float) -> float:
    """Logarithm of the likelihood of a sample at a hypothesis over that of a false one."""
    density = math.exp(-0.5 * off * off / variance) / (_ROOT_2_PI * math.sqrt(variance))
    return math.log(gate.false_frac + (1.0 - gate.false_frac) * density * spread)


@inline_kernel
def doubt(gate: Gate, error: float, prior: float) -> float:
    """Evidence against an error of dead reckoning, by Student's distribution."""
    share = error * error / (gate.tail * max(prior, 1e-12))
    return 0.5 * (gate.tail + 1.0) * math.log(1.0 + share)


@inline_kernel
def hears(m: np.ndarray, i: int, c: int, gate: Gate, z: Sample) -> bool:
    """Whether a sample is within the gate of the present hypothesis."""
    m[i, c + CHANNEL.innovation], m[i, c + CHANNEL.variance] = z.innovation, z.variance
    within = z.innovation * z.innovation <= gate.sigmas * gate.sigmas * z.variance
    return within and m[i, c + CHANNEL.evidence] < math.inf


@inline_kernel
def confirm(m: np.ndarray, i: int, c: int, gate: Gate, z: Sample, moved: float) -> None:
    """Note that a sample confirms the present hypothesis, and has `moved` its state."""
    known = m[i, c + CHANNEL.evidence] + evidence(gate, z.innovation, z.variance, z.spread)
    m[i, c + CHANNEL.evidence] = min(max(known, 0.0), gate.certain)
    m[i, c + CHANNEL.rejected] = 0.0
    if m[i, c + CHANNEL.rival_var] > 0.0:
        m[i, c + CHANNEL.rival] += math.log(gate.false_frac)
        m[i, c + CHANNEL.apart] -= moved
        m[i, c + CHANNEL.rival_var] += z.wander


@inline_kernel
def oppose(m: np.ndarray, i: int, c: int, gate: Gate, z: Sample) -> None:
    """Note that a sample is rejected: it is of the rival, or may be the first of a new one."""
    m[i, c + CHANNEL.rejected] += 1.0
    if m[i, c + CHANNEL.rival_var] > 0.0:
        m[i, c + CHANNEL.rival_var] += z.wander
        since = z.time - m[i, c + CHANNEL.rival_time]
        known = m[i, c + CHANNEL.rival_var] + z.rate_var * since * since
        off, variance = z.innovation - m[i, c + CHANNEL.apart], known + z.noise
        if off * off <= gate.sigmas * gate.sigmas * variance:
            m[i, c + CHANNEL.rival] += evidence(gate, off, variance, z.spread)
            m[i, c + CHANNEL.apart] += known / variance * off
            m[i, c + CHANNEL.rival_var] = known / variance * z.noise
            m[i, c + CHANNEL.rival_time] = z.time
            return
        m[i, c + CHANNEL.rival] += math.log(gate.false_frac)
        if m[i, c + CHANNEL.rival] > 0.0:
            return
    m[i, c + CHANNEL.rival], m[i, c + CHANNEL.apart] = 0.0, z.innovation
    m[i, c + CHANNEL.rival_var], m[i, c + CHANNEL.rival_time] = z.noise, z.time


@inline_kernel
def rival_wins(
    m: np.ndarray, i: int, c: int, gate: Gate, z: Sample, state: float, prior: float
) -> bool:
    """Note a rejected sample, and return whether the rival is to replace the present `state`.

    The variance of the state by dead reckoning is `prior`.
    """
    oppose(m, i, c, gate, z)
    present = m[i, c + CHANNEL.evidence] - doubt(gate, state, prior)
    rival = m[i, c + CHANNEL.rival] - doubt(gate, state + m[i, c + CHANNEL.apart], prior)
    if rival > present and gate.latches > 0.0:
        m[i, c + CHANNEL.evidence] = math.inf
    return rival > present and gate.latches == 0.0


@inline_kernel
def exchange(m: np.ndarray, i: int, c: int, gate: Gate, moved: float, variance: float) -> None:
    """Note that the rival has replaced a state of this variance, `moved` from it."""
    before = m[i, c + CHANNEL.evidence]
    m[i, c + CHANNEL.evidence] = min(m[i, c + CHANNEL.rival], gate.certain)
    m[i, c + CHANNEL.rival] = before
    m[i, c + CHANNEL.apart], m[i, c + CHANNEL.rival_var] = -moved, variance
    m[i, c + CHANNEL.rejected] = 0.0

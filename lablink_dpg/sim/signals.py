"""Signals with known answers: the value of a sample is a pure function of its absolute index and a spec.

Everything up to the last scaling is integer arithmetic on uint64, which wraps and never rounds, and each sample is
computed from its own index alone. So the answer is the same bit for bit, however the indices are cut into blocks and
wherever an array lies in memory; ``np.sin`` of a block promises neither. Sine waves come from a table whose entries
are rounded so coarsely (2^-24) that two maths libraries that differ in the last bit still agree.

A spec with ``loop_log2`` plays its first 2^loop_log2 samples again and again, as an arbitrary waveform generator does:
``loops`` keeps them as a table, for rates at which computing each sample anew is too slow. ``make_spec`` fits whole
turns into a loop, so that waves pass its seam unbroken; noise, spikes and the end of a chirp come round with it, and a
sudden step there is the signal and no loss.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

UInt64Array = NDArray[np.uint64]
Float64Array = NDArray[np.float64]

KINDS: Final = ("sine", "square", "ramp", "noise", "chirp")

BLOCK: Final = 8192  # samples computed at a time: the scratch arrays of one block stay in the CPU's second cache
TABLE_LOG2: Final = 14  # 16384 steps a turn: finer than a plot is high
TABLE_GRID: Final = 2.0**24  # see the module's promise
SPIKE_LOG2: Final = 13  # by default one spike in each 8192 samples
CHIRP_LOG2: Final = 14  # by default a sweep lasts 16384 samples
MIN_LOOP_LOG2: Final = 4  # a quarter of the rate then still is a whole number of turns, and a spike has its place
MAX_LOOP_LOG2: Final = 20  # a table of 2^20 samples takes 16 MB; a longer loop is hardly told from an ordinary signal

_WORD: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15  # the odd constants of splitmix64
_MIX_A: Final = 0xBF58476D1CE4E5B9
_MIX_B: Final = 0x94D049BB133111EB
_NOISE_STREAM: Final = 0x5851F42D4C957F2D  # keep noise and spikes of one seed apart
_SPIKE_STREAM: Final = 0x14057B7EF767814F

_TURN: Final = np.arange(1 << TABLE_LOG2) * (2 * math.pi / (1 << TABLE_LOG2))
SINE_TABLE: Final[Float64Array] = np.rint(np.sin(_TURN) * TABLE_GRID) / TABLE_GRID


def mix(number: int) -> int:
    """splitmix64 of one number: 64 bits that look like chance, 0 for no small number."""
    z = ((number + 1) * _GOLDEN) & _WORD
    z = ((z ^ (z >> 30)) * _MIX_A) & _WORD
    z = ((z ^ (z >> 27)) * _MIX_B) & _WORD
    return z ^ (z >> 31)


def unit(seed: int, index: int) -> float:
    """A number in [0, 1) that depends on both arguments only: randomness that can be repeated."""
    return float(mix((mix(seed & _WORD) + index) & _WORD) >> 11) * 2.0**-53


def mix_array(numbers: UInt64Array) -> UInt64Array:
    """The finish of splitmix64 on each number, in place; returns its argument."""
    numbers *= np.uint64(_GOLDEN)
    numbers ^= numbers >> np.uint64(30)
    numbers *= np.uint64(_MIX_A)
    numbers ^= numbers >> np.uint64(27)
    numbers *= np.uint64(_MIX_B)
    numbers ^= numbers >> np.uint64(31)
    return numbers


def make_spec(
    kind: str,
    seed: int,
    rate_hz: float,
    *,
    frequency_hz: float | None = None,
    amplitude: float | None = None,
    offset: float | None = None,
    noise: float | None = None,
    spike: float | None = None,
    spike_log2: int = SPIKE_LOG2,
    loop_log2: int | None = None,
) -> dict[str, Any]:
    """Describe one channel as a JSON-able dict; what is not given follows from the seed.

    ``noise`` is the peak of the noise added to every kind, ``spike`` the height of the one-sample spikes, of which
    there is exactly one in each aligned stretch of ``2**spike_log2`` samples (0.0: none). ``loop_log2``: the samples
    come again after ``2**loop_log2``; the frequency is then the nearest of which whole turns fit, and stretches of
    spikes and sweeps of chirps are no longer than that.

    Raises:
        ValueError: for a kind that is not in ``KINDS``, a rate that is not positive, a spike_log2 below 2 or a
            loop_log2 out of bounds.
    """
    if kind not in KINDS:
        raise ValueError(f"signal kind {kind!r}, known are {', '.join(KINDS)}")
    if not rate_hz > 0:
        raise ValueError(f"rate of {rate_hz} Hz, must be positive")
    if spike_log2 < 2:
        raise ValueError(f"spike_log2 of {spike_log2}, must be at least 2")
    if loop_log2 is not None and not MIN_LOOP_LOG2 <= loop_log2 <= MAX_LOOP_LOG2:
        raise ValueError(f"loop_log2 of {loop_log2}, must be {MIN_LOOP_LOG2} to {MAX_LOOP_LOG2}")
    if frequency_hz is None:
        frequency_hz = 0.4 * 12.0 ** unit(seed, 1)  # 0.4 Hz … 4.8 Hz: motion an eye can follow
    frequency_hz = min(frequency_hz, 0.25 * rate_hz)
    size = 0.5 + 2.5 * unit(seed, 2) if amplitude is None else amplitude
    spec: dict[str, Any] = {
        "kind": kind,
        "seed": seed & (_WORD >> 1),
        "amplitude": size,
        "offset": 4.0 * (unit(seed, 3) - 0.5) if offset is None else offset,
        "noise": 0.02 * size * (0.25 + unit(seed, 4)) if noise is None else noise,
        "phase": mix(seed + 5) >> 1,
        "step": round(frequency_hz / rate_hz * 2.0**64) & _WORD,
        "spike": 5.0 * size * (1.0 if unit(seed, 6) < 0.5 else -1.0) if spike is None else spike,
        "spike_log2": spike_log2,
    }
    sweep_log2 = CHIRP_LOG2
    if loop_log2 is not None:
        spec["loop_log2"] = loop_log2
        spec["step"] = max(1, round(frequency_hz / rate_hz * 2.0**loop_log2)) << (64 - loop_log2)
        spec["spike_log2"] = min(spike_log2, loop_log2)
        sweep_log2 = min(CHIRP_LOG2, loop_log2)
    if kind == "chirp":
        spec["sweep_log2"] = sweep_log2
        # The sweep ends at ten times its first frequency, or at a quarter of the rate if that is less.
        spec["sweep"] = (min(10 * spec["step"], 1 << 62) - spec["step"]) >> sweep_log2
    return spec


def expected(spec: Mapping[str, Any], indices: NDArray[np.int64]) -> Float64Array:
    """The samples of ``spec`` at these absolute indices (any order, >= 0), float64 of the same length.

    Raises:
        ValueError: for a kind that is not in ``KINDS``, or a loop that cannot be counted.
        KeyError: if a field is missing.
    """
    out = np.empty(len(indices), dtype=np.float64)
    numbers = np.ascontiguousarray(indices, dtype=np.int64).view(np.uint64)
    loop_log2 = spec.get("loop_log2")
    if loop_log2 is not None:
        if not 0 <= loop_log2 < 64:
            raise ValueError(f"loop_log2 of {loop_log2}, must be 0 to 63")
        numbers = numbers & np.uint64((1 << int(loop_log2)) - 1)
    for first in range(0, len(numbers), BLOCK):
        _block(spec, numbers[first : first + BLOCK], out[first : first + BLOCK])
    return out


def _block(spec: Mapping[str, Any], numbers: UInt64Array, out: Float64Array) -> None:
    seed = int(spec["seed"])
    kind = spec["kind"]
    if kind == "noise":
        out[:] = _noise(numbers, seed ^ _GOLDEN)
    elif kind in KINDS:
        phase = _phase(spec, numbers)
        if kind == "square":
            out[:] = 1.0
            out[phase >> np.uint64(63) != 0] = -1.0
        elif kind == "ramp":
            phase >>= np.uint64(11)  # the 53 bits that a float64 holds exactly
            np.multiply(phase, 2.0**-52, out=out)
            out -= 1.0
        else:
            phase >>= np.uint64(64 - TABLE_LOG2)
            np.take(SINE_TABLE, phase.view(np.int64), out=out, mode="clip")  # "clip" skips the bounds error path
    else:
        raise ValueError(f"signal kind {kind!r}, known are {', '.join(KINDS)}")
    out *= float(spec["amplitude"])
    out += float(spec["offset"])
    noise = float(spec["noise"])
    if noise != 0.0:
        jitter = _noise(numbers, seed)
        jitter *= noise
        out += jitter
    height = float(spec["spike"])
    if height != 0.0:
        out[_spikes(numbers, seed, int(spec["spike_log2"]))] += height


def _phase(spec: Mapping[str, Any], numbers: UInt64Array) -> UInt64Array:
    """Phase of each sample, a turn being 2^64; integer wrap-around is the modulo."""
    step = np.uint64(spec["step"])
    if spec["kind"] == "chirp":
        k = numbers & np.uint64((1 << int(spec["sweep_log2"])) - 1)
        phase = k * (k - np.uint64(1))  # k = 0 wraps, times zero
        phase >>= np.uint64(1)
        phase *= np.uint64(spec["sweep"])
        k *= step
        phase += k
    else:
        phase = numbers * step
    phase += np.uint64(spec["phase"])
    return phase


def _noise(numbers: UInt64Array, seed: int) -> Float64Array:
    """Noise in [-1, 1) with a triangular distribution: the sum of the two halves of one hash."""
    h = mix_array(numbers + np.uint64(mix(seed ^ _NOISE_STREAM)))
    low = h & np.uint64(0xFFFFFFFF)
    h >>= np.uint64(32)
    h += low
    noise: Float64Array = h.astype(np.float64)
    noise *= 2.0**-32
    noise -= 1.0
    return noise


def _spikes(numbers: UInt64Array, seed: int, spike_log2: int) -> NDArray[np.bool_]:
    """True where a spike is: in the middle half of each stretch, so that two spikes never touch."""
    quarter = 1 << (spike_log2 - 2)
    h = numbers >> np.uint64(spike_log2)
    h += np.uint64(mix(seed ^ _SPIKE_STREAM))
    mix_array(h)
    h &= np.uint64(2 * quarter - 1)
    h += np.uint64(quarter)
    found: NDArray[np.bool_] = h == numbers & np.uint64((1 << spike_log2) - 1)
    return found

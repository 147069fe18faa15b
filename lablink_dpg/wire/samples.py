"""Sample lists, as JSON gave them, to arrays; every sample that is not a finite number becomes NaN and is named.

Only the new end of a window is looked at: the rest was judged when it was new. So a problem is counted once, and not
again in each of the overlapping windows that still carry it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from math import isfinite, nan
from types import NoneType
from typing import Any, NamedTuple

import numpy as np

from lablink_dpg.model.acquisition import Float64Array, Int64Array, Values
from lablink_dpg.wire.plain import BareToken, kind
from lablink_dpg.wire.reasons import Reason, Refused
from lablink_dpg.wire.timestamps import parse_texts


class Samples(NamedTuple):
    """The new samples of one window: ``times_us`` (n,), ``values`` (len(channels), n), each finite or NaN.

    ``channels`` are those whose lists could be used.
    """

    times_us: Int64Array
    channels: tuple[str, ...]
    values: Values
    problems: frozenset[Reason]


def _sample(value: object, problems: set[Reason]) -> float:
    """One sample, NaN with a problem noted unless it is a finite number."""
    if type(value) is float or type(value) is int:  # exactly these: True is an int, a BareToken a float
        try:
            number = float(value)
        except OverflowError:
            number = nan
        if isfinite(number):
            return number
        problems.add(Reason.NOT_FINITE)
    elif isinstance(value, BareToken):
        problems.add(Reason.NAN_TOKEN)
    elif value is None:
        problems.add(Reason.NULL_SAMPLE)
    elif isinstance(value, str):
        problems.add(Reason.TEXT_SAMPLE)
    else:
        problems.add(Reason.NOT_A_NUMBER)
    return nan


def samples_of(values: Sequence[object], problems: set[Reason]) -> Float64Array:
    """Shape (len(values),); adds to ``problems`` what had to become NaN."""
    if set(map(type, values)) <= {float, int, NoneType, BareToken}:  # numpy would take True and "1.5" as numbers
        with suppress(OverflowError):  # an integer beyond float64
            array = np.array(values, np.float64)
            for index in np.flatnonzero(~np.isfinite(array)).tolist():
                array[index] = _sample(values[index], problems)
            return array
    return np.array([_sample(value, problems) for value in values], np.float64)


def samples_of_window(timestamps: list[Any], by_channel: dict[str, Any], new: int) -> Samples:
    """The last ``new`` samples of a window of len(timestamps).

    A channel of another length, or not a list, is left out and noted. An empty window needs no usable channel.

    Raises:
        Refused: if a new timestamp is unreadable, or if no channel is usable.
    """
    first = len(timestamps) - new
    times_us = parse_texts(timestamps[first:])
    if times_us is None:
        raise Refused(Reason.BAD_TIMESTAMPS, _first_bad(timestamps[first:]))
    problems: set[Reason] = set()
    usable: dict[str, Float64Array] = {}
    for name, channel in by_channel.items():
        if not isinstance(channel, list):
            problems.add(Reason.WRONG_TYPE)
        elif len(channel) != len(timestamps):
            problems.add(Reason.UNEQUAL_LENGTHS)
        else:
            usable[name] = samples_of(channel[first:], problems)
    if not usable and (timestamps or by_channel):
        raise Refused(Reason.NO_SAMPLES_USABLE, _unusable(timestamps, by_channel))
    values = np.array(list(usable.values()), np.float64).reshape(len(usable), new)
    return Samples(times_us, tuple(usable), values, frozenset(problems))


def _first_bad(timestamps: list[Any]) -> str:
    for index, text in enumerate(timestamps):
        if not isinstance(text, str):
            return f"timestamps: new sample {index} has {kind(text)}, not a string"
        if parse_texts([text]) is None:
            return f"timestamps: new sample {index} has {text[:40]!r}"
    return "timestamps"


def _unusable(timestamps: list[Any], by_channel: dict[str, Any]) -> str:
    for name, channel in by_channel.items():
        size = f"{len(channel)} samples" if isinstance(channel, list) else kind(channel)
        return f"values of {len(by_channel)} channels, {name[:40]!r} has {size} for {len(timestamps)} timestamps"
    return f"values has no channel for {len(timestamps)} timestamps"

"""Typed messages, made with the library cbor2: nothing of ours is in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cbor2
import numpy as np
from hypothesis import strategies as st

from lablink_dpg.model.acquisition import AcquisitionBlock
from lablink_dpg.model.messages import Message
from lablink_dpg.wire import straight
from lablink_dpg.wire.reasons import Reason, in_order
from lablink_dpg.wire.typed import mended
from tests.support.wire_messages import ACQUISITION, START, message, names
from tests.support.wire_oracle import EPOCH

START_US = int((START - EPOCH).total_seconds() * 1e6)

# Of RFC 8746, by what numpy calls them.
TAGS: Mapping[str, int] = {
    **{"|u1": 64, ">u2": 65, ">u4": 66, ">u8": 67, "<u2": 69, "<u4": 70, "<u8": 71},
    **{"|i1": 72, ">i2": 73, ">i4": 74, ">i8": 75, "<i2": 77, "<i4": 78, "<i8": 79},
    **{">f2": 80, ">f4": 81, ">f8": 82, "<f2": 84, "<f4": 85, "<f8": 86},
}


def typed(array: np.ndarray[Any, Any]) -> cbor2.CBORTag:
    return cbor2.CBORTag(TAGS[array.dtype.str], array.tobytes())


def window(first: int, times: Any, values: Mapping[str, Any], count: int, **changes: Any) -> dict[str, Any]:
    """The map of a message; arrays are not typed yet."""
    data = {"first": first, "count": count, "timestamps": times, "values": dict(values)}
    sent = message(first + count, [], dict(values))
    return {**sent, "data": data, **changes}


def as_typed(sent: Any) -> bytes:
    """Encoded, each array with its tag."""

    def tagged(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: tagged(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [tagged(inner) for inner in value]
        return typed(value) if isinstance(value, np.ndarray) else value

    return cbor2.dumps(tagged(sent))


def even(first: int, values: Mapping[str, Any], step_us: int = 1000, **changes: Any) -> bytes:
    """A message of samples every ``step_us``, the server's sample 0 at START."""
    count = len(next(iter(values.values())))
    times = [START_US + first * step_us, START_US + (first + count - 1) * step_us]
    return as_typed(window(first, times, values, count, **changes))


def facts(decoded: Message) -> tuple[Any, ...]:
    """Equal only for what is equal to the last bit, wherever its samples lie."""
    if not isinstance(decoded, AcquisitionBlock):
        return (decoded,)
    block = decoded
    problems = set(map(Reason, block.problems))
    values = mended(block.values, problems)  # as the ring does where there may still be infinities
    assert not (block.is_finite and problems - set(block.problems))
    rows = [(values[row].dtype.str, values[row].tobytes()) for row in range(len(block.channels))]
    return (
        *(block.acquisition_id, block.state, block.total_samples, block.count, block.times_us.tolist()),
        *(block.channels, block.values.shape, rows, in_order(problems), block.started_us, block.is_incremental),
    )


def noise(seed: int, n: int) -> bytes:
    """Bytes that are samples of some type, infinities of each among them."""
    return np.random.default_rng(seed).bytes(n)


@st.composite
def windows(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """The map of an honest message with arrays of every type, and its channels."""
    count = draw(st.integers(1, 30) | st.sampled_from([straight.MANY, straight.MANY + 77]))
    first = draw(st.integers(0, 10) | st.integers(0, 2**40))
    channels: dict[str, np.ndarray[Any, Any]] = {}
    one_type = draw(st.none() | st.sampled_from(sorted(TAGS)))
    for name in draw(st.lists(names | st.text(min_size=20, max_size=30), min_size=1, max_size=4, unique=True)):
        dtype = np.dtype(one_type or draw(st.sampled_from(sorted(TAGS))))
        size = count * dtype.itemsize
        few = st.binary(min_size=size, max_size=size)
        raw = draw(few if count < straight.MANY else st.integers(0, 9).map(lambda seed, n=size: noise(seed, n)))
        channels[name] = np.frombuffer(raw, dtype)
    step_us = draw(st.integers(0, 10**9))
    times: Any = [START_US, START_US + step_us]
    if draw(st.booleans()):
        times = START_US + np.sort(np.array(draw(st.lists(st.integers(0, 10**9), min_size=count, max_size=count))))
        times = times.astype(draw(st.sampled_from(["<i8", ">i8"])))
    return window(first, times, channels, count), channels


__all__ = ["ACQUISITION", "START_US", "TAGS", "as_typed", "even", "facts", "typed", "window", "windows"]

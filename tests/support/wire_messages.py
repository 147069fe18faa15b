"""Hypothesis strategies for what a server could send: honest messages, odd ones, and damaged bytes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

ACQUISITION = "b3a64ccb-cd88-4f37-a9ae-8a924c6b567b"
START = datetime(2026, 11, 23, 0, 0, 30, 184873)


def stamps(count: int, start: datetime = START, step_us: int = 101) -> list[str]:
    return [(start + timedelta(microseconds=step_us * index)).isoformat() for index in range(count)]


def message(total: int, timestamps: list[Any], values: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An ``acquisition_stream`` message as a 1.2.5 server sends it."""
    stats = {
        "total_samples": total,
        "samples_per_channel": dict.fromkeys(values, total),
        "start_time": "2026-11-23T00:00:30.184873",
        "end_time": None,
        "duration_seconds": None,
        "actual_sample_rate": None,
        "buffer_overruns": 0,
        "min_values": {},
        "max_values": {},
    }
    return {
        "type": "acquisition_stream",
        "acquisition_id": ACQUISITION,
        "state": "acquiring",
        "stats": stats,
        "data": {"timestamps": timestamps, "values": values, "count": len(timestamps)},
        **changes,
    }


def as_sent(value: Any) -> bytes:
    """As the server serialises: compact, not ASCII only."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


finite = st.floats(allow_nan=False, allow_infinity=False)
# json.dumps writes NaN and the infinities as the bare words that the server writes.
odd_samples = st.one_of(
    st.floats(),
    st.integers(),
    st.integers(2**62, 2**70),
    st.just(10**400),
    st.none(),
    st.booleans(),
    st.text(max_size=3),
) | st.lists(finite, max_size=2)
names = st.one_of(
    st.sampled_from(["CH1", "CH2", "V_out", "µV", "a]b", "a[b", 'q"q', "back\\slash", "values", "timestamps", "", ","]),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=5),
)


@st.composite
def windows(draw: st.DrawFn, samples: st.SearchStrategy[Any] = finite) -> tuple[bytes, dict[str, int]]:
    """A message with lists of equal lengths, in any spelling that JSON allows, and what is stored already."""
    count = draw(st.integers(1, 12))
    start = draw(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)))
    step_us = draw(st.sampled_from([0, 1, 101, 250_000, 1_000_000, 86_400_000_000]))
    channels = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    values = {name: draw(st.lists(samples, min_size=count, max_size=count)) for name in channels}
    total = count + draw(st.integers(0, 1000))
    sent = message(total, stamps(count, start, step_us), values)
    if draw(st.booleans()):
        sent["data"] = dict(draw(st.permutations(list(sent["data"].items()))))
        sent = dict(draw(st.permutations(list(sent.items()))))
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " :\n")]))
    text = json.dumps(sent, separators=separators, ensure_ascii=draw(st.booleans()))
    stored = draw(st.none() | st.integers(total - count - 2, total + 2).map(lambda last: max(0, last)))
    return text.encode("utf-8"), {} if stored is None else {ACQUISITION: stored}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.sampled_from([-1, 0.5, 2.0, 2**53 + 1, 10**400])
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def misshapen(draw: st.DrawFn, honest: dict[str, Any]) -> Any:
    """``honest`` with one to three of its parts dropped or replaced by any JSON value."""
    tree = json.loads(json.dumps(honest))
    for _ in range(draw(st.integers(1, 3))):
        node = tree
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(node[key], dict | list) and draw(st.integers(0, 3)):
                node = node[key]
                continue
            if draw(st.booleans()):
                del node[key]
            else:
                node[key] = draw(json_values)
            break
    return tree


@st.composite
def damaged(draw: st.DrawFn, raw: bytes) -> bytes:
    """``raw`` with one to four bytes or ranges changed, lost, repeated or added."""
    data = bytearray(raw)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        stop = min(len(data), at + draw(st.sampled_from([1, 1, 1, 2, 7, 29, 200])))
        kind = draw(st.sampled_from(["replace", "replace", "delete", "repeat", "insert"]))
        if kind == "replace":
            data[at:stop] = bytes([draw(st.sampled_from(list(b'0123456789,.-+eE"[]{}:\\ nNaIT\xff\x00')))]) * (
                stop - at
            )
        elif kind == "delete":
            del data[at:stop]
        elif kind == "repeat":
            data[at:at] = data[at:stop]
        else:
            data[at:at] = draw(
                st.sampled_from([b"NaN", b"null", b"true", b"1e400", b",", b"[", b"]", b'"', b"1,", b"{}", b"\\"])
            )
    return bytes(data)

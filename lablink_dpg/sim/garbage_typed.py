"""Typed messages as no client likes to read them: the kinds of ``garbage``, as far as there is such a thing in CBOR."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.sim.cbor import encode, head, text
from lablink_dpg.sim.garbage import NESTING
from lablink_dpg.sim.typed import Column, Window


def garble(kind: str, window: Window) -> tuple[bytes, ...]:
    """What to send instead of a message that has samples; the good one follows where the bad one is an additional
    one."""
    change = _CHANGES.get(kind)
    if change is None:
        good = window.encode()
        return _ADDED[kind](good), good
    name, column = next(iter(window.columns.items()))
    assert not isinstance(column, bytes)
    return (replace(window, columns={**window.columns, name: change(np.concatenate(column))}).encode(),)


def _nan(values: NDArray[np.float64]) -> Column:
    last = (-np.inf, np.inf, np.nan)[-values.shape[0] :]
    values[values.shape[0] - len(last) :] = last
    return [values]


def _ending_in(values: NDArray[np.float64], last: Any) -> Column:
    """As a plain list, as a server may send that has no array of them."""
    return encode([*values.tolist()[:-1], last])


def _broken_gzip(good: bytes) -> bytes:
    packed = gzip.compress(good, 1)
    return b"g" + packed[: len(packed) // 2]


_CHANGES: Final[Mapping[str, Callable[[NDArray[np.float64]], Column]]] = {
    "nan": _nan,
    "null": lambda values: _ending_in(values, None),
    "uneven": lambda values: [values[:-1]],
    "strings": lambda values: _ending_in(values, str(values[-1])),
}
_ADDED: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "unknown": lambda good: encode({"type": "telemetry", "data": {"temperature": 21.5}}),
    "json": lambda good: good[: len(good) // 2],
    "utf8": lambda good: good.replace(text("acquisition_id"), head(3, 14) + b"acquisition\xff\xfe_", 1),
    "gzip": _broken_gzip,
    "nested": lambda good: (
        head(5, 2) + text("type") + text("acquisition_stream") + text("data") + head(4, 1) * NESTING + head(4, 0)
    ),
}
KINDS: Final = (*_CHANGES, *_ADDED)

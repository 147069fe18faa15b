"""Typed messages as no client likes to read them: the kinds of ``garbage``, as far as there is such a thing in CBOR."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.sim.cbor import encode, head, text
from lablink_dpg.sim.garbage import LEAP, NESTING
from lablink_dpg.sim.typed import Column, Window, count


def garble(kind: str, window: Window) -> tuple[bytes, ...]:
    """What to send instead of a message that has samples; the good one follows where the bad one is an additional
    one."""
    change = _CHANGES.get(kind)
    if change is None:
        return _ADDED[kind](window), window.encode()
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


def _broken_gzip(window: Window) -> bytes:
    packed = gzip.compress(window.encode(), 1)
    return b"g" + packed[: len(packed) // 2]


def _leap(window: Window) -> bytes:
    total = window.first + window.count
    head = window.head.replace(count(total), count(total + LEAP))
    return replace(window, head=head, first=window.first + LEAP).encode()


_CHANGES: Final[Mapping[str, Callable[[NDArray[np.float64]], Column]]] = {
    "nan": _nan,
    "null": lambda values: _ending_in(values, None),
    "uneven": lambda values: [values[:-1]],
    "strings": lambda values: _ending_in(values, str(values[-1])),
}
_ADDED: Final[Mapping[str, Callable[[Window], bytes]]] = {
    "unknown": lambda window: encode({"type": "telemetry", "data": {"temperature": 21.5}}),
    "json": lambda window: (good := window.encode())[: len(good) // 2],
    "utf8": lambda window: window.encode().replace(text("acquisition_id"), head(3, 14) + b"acquisition\xff\xfe_", 1),
    "gzip": _broken_gzip,
    "leap": _leap,
    "nested": lambda window: (
        head(5, 2) + text("type") + text("acquisition_stream") + text("data") + head(4, 1) * NESTING + head(4, 0)
    ),
}
KINDS: Final = (*_CHANGES, *_ADDED)

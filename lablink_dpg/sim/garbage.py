"""Messages as no client likes to read them, made from good ones; one kind for each thing that has been seen broken."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from lablink_dpg.sim.pieces import Pieces

Frame: TypeAlias = str | Pieces | bytes  # of one WebSocket message: text, large text, or binary

NESTING: Final = 100_000  # far beyond what a parser that recurses survives
LEAP: Final = 1_000_000_000  # samples: as many as no history holds


class RawText(str):
    """The payload of a text frame that is not UTF-8: it encodes to bytes of its own."""

    raw: bytes

    def __new__(cls, raw: bytes) -> RawText:
        made = super().__new__(cls, raw.decode(errors="replace"))
        made.raw = raw
        return made

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return self.raw


def garble(kind: str, text: str) -> tuple[Frame, ...]:
    """What to send instead of an ``acquisition_stream`` message that has data; the good one follows where the bad one
    is an additional one."""
    change = _CHANGES.get(kind)
    if change is None:
        return _ADDED[kind](text), text
    message = json.loads(text)
    change(message["data"])
    return (json.dumps(message),)  # writes NaN and Infinity as the real server does


def _last_values(data: dict[str, Any], *values: Any) -> None:
    """The newest samples of the first channel."""
    column = next(iter(data["values"].values()))
    count = min(len(values), len(column))
    column[len(column) - count :] = values[len(values) - count :]


def _uneven(data: dict[str, Any]) -> None:
    next(iter(data["values"].values())).pop()


def _strings(data: dict[str, Any]) -> None:
    _last_values(data, str(next(iter(data["values"].values()))[-1]))


def _leap(text: str) -> str:
    message = json.loads(text)
    message["stats"]["total_samples"] += LEAP
    return json.dumps(message)


def _broken_gzip(text: str) -> bytes:
    packed = gzip.compress(text.encode(), 1)
    return b"g" + packed[: len(packed) // 2]


_CHANGES: Final[Mapping[str, Callable[[dict[str, Any]], None]]] = {
    "nan": lambda data: _last_values(data, float("-inf"), float("inf"), float("nan")),
    "null": lambda data: _last_values(data, None),
    "uneven": _uneven,
    "strings": _strings,
}
_ADDED: Final[Mapping[str, Callable[[str], Frame]]] = {
    "unknown": lambda text: '{"type":"telemetry","data":{"temperature":21.5}}',
    "json": lambda text: text[: len(text) // 2],
    "utf8": lambda text: RawText(text.encode().replace(b'"acquisition_id"', b'"acquisition_\xff\xfe"', 1)),
    "gzip": _broken_gzip,
    "leap": _leap,
    "nested": lambda text: f'{{"type":"acquisition_stream","data":{"[" * NESTING}{"]" * NESTING}}}',
}
KINDS: Final = (*_CHANGES, *_ADDED)

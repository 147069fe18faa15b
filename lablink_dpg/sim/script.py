"""What can be asked to go wrong, and how a person writes it: ``NAME[@SECONDS][:ARG]``.

The table is the whole language. What each word does stands in ``director``; this module knows only what may be said,
so that a command line can be refused before anything runs.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from lablink_dpg.sim.garbage import KINDS as GARBAGE_KINDS

Arguments: TypeAlias = tuple[Any, ...]

MAX_WAIT_S: Final = 86_400.0  # of SECONDS and of how long a fault lasts: a soak test's night
MAX_CLOCK_S: Final = 366 * 86_400.0  # a server without a battery starts in another year
MAX_STREAMS: Final = 4096  # as many as a simulator has
CLOSE_CODES: Final = frozenset({1000, 1001, 1002, 1003, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014})
EQUIPMENT: Final = "equipment"  # instead of a count: all streams that are not acquisitions'
READINGS: Final = "readings"  # instead of a count: those that contain a datetime, as in the released server


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to go wrong. ``at_s``: seconds after the first connection, None for at once and from the start."""

    name: str
    at_s: float | None
    arguments: Arguments

    @property
    def needs_own_ws_port(self) -> bool:
        return self.name == "no-ws" and self.arguments == (None,)


@dataclass(frozen=True, slots=True)
class Word:
    """One row of the table: ``metavar`` empty where there is no ARG; ``convert`` raises ValueError, its text for a
    person."""

    name: str
    metavar: str
    default: str
    convert: Callable[[str], Arguments]
    does: str


def parse(text: str) -> Fault:
    """Raises ValueError, its text one line that names what is wrong and what would be right."""
    head, colon, argument = text.partition(":")
    name, at, seconds = head.partition("@")
    word = WORDS.get(name)
    if word is None:
        raise ValueError(f"{text!r}: there is no fault {name!r}, but {', '.join(WORDS)}")
    at_s = None
    try:
        if at:
            (at_s,) = _number(0.0, MAX_WAIT_S, "SECONDS")(seconds)
        if colon and not word.metavar:
            raise ValueError(f"{name} takes no ARG")
        arguments = word.convert(argument if colon else word.default)
    except ValueError as problem:
        raise ValueError(f"{text!r}: {problem}") from None
    if name == "freeze" and not hasattr(signal, "SIGSTOP"):
        raise ValueError(f"{text!r}: this platform cannot stop a process")
    return Fault(name, at_s, arguments)


def parse_all(texts: Sequence[str], *, has_ws_port: bool) -> tuple[Fault, ...]:
    """Raises ValueError, also for what this server cannot do."""
    faults = tuple(parse(text) for text in texts)
    for fault, text in zip(faults, texts, strict=True):
        if fault.needs_own_ws_port and not has_ws_port:
            raise ValueError(f"{text!r}: closes the WebSocket's own port, and there is none without --ws-port")
    return faults


def describe() -> str:
    """The table as text, for ``--help``."""
    lines = []
    for word in WORDS.values():
        usage = word.name + (f":{word.metavar}" if word.metavar else "")
        default = f" ({word.default})" if word.default else ""
        lines.append(f"  {usage:<26} {word.does}{default}")
    return "\n".join(lines)


def _nothing(text: str) -> Arguments:
    return ()


def _number(low: float, high: float, metavar: str) -> Callable[[str], Arguments]:
    def convert(text: str) -> Arguments:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:  # false for NaN too
            raise ValueError(f"{metavar} must be a number from {low:.10g} to {high:.10g}")
        return (value,)

    return convert


def _whole(low: int, high: int, metavar: str, *words: str) -> Callable[[str], Arguments]:
    def convert(text: str) -> Arguments:
        if text in words:
            return (text,)
        if not (text.isascii() and text.isdecimal()) or not low <= int(text) <= high:
            others = "".join(f" or {word}" for word in words)
            raise ValueError(f"{metavar} must be a whole number from {low} to {high}{others}")
        return (int(text),)

    return convert


def _which(word: str) -> Callable[[str], Arguments]:
    """So many, ``word``, or those with the numbers after ``=``; the last as a tuple."""
    count = _whole(1, MAX_STREAMS, "COUNT", word, "=N,N,…")

    def convert(text: str) -> Arguments:
        numbers = text.removeprefix("=").split(",") if text.startswith("=") else []
        if not numbers or not all(each.isascii() and each.isdecimal() for each in numbers):
            return count(text)
        return (tuple(int(each) for each in numbers),)

    return convert


def _choice(*words: str) -> Callable[[str], Arguments]:
    def convert(text: str) -> Arguments:
        if text not in words:
            raise ValueError(f"ARG must be one of {', '.join(words)}")
        return (text,)

    return convert


def _ws_refusal(text: str) -> Arguments:
    """``closed`` becomes None."""
    return (None,) if text == "closed" else _whole(400, 599, "STATUS", "closed")(text)


def _restart(text: str) -> Arguments:
    kind, comma, seconds = text.partition(",")
    (is_kept,) = (choice == "kept" for choice in _choice("kept", "gone")(kind))
    return is_kept, *_number(0.0, MAX_WAIT_S, "SECONDS")(seconds if comma else "1")


def _close_code(text: str) -> Arguments:
    if text.isascii() and text.isdecimal() and (int(text) in CLOSE_CODES or 3000 <= int(text) <= 4999):
        return (int(text),)
    raise ValueError("CODE must be one that may close a WebSocket: 1000…1003, 1006…1014, 3000…4999")


_LASTS = _number(0.0, MAX_WAIT_S, "SECONDS")
_TABLE: Final = (
    Word("refuse", "SECONDS", "5", _LASTS, "ports closed, connections cut"),
    Word("no-ws", "STATUS|closed", "403", _ws_refusal, "WebSockets refused, or their own port closed; until clear"),
    Word("reset", "", "", _nothing, "every connection is cut by TCP RST"),
    Word("restart", "kept|gone[,SECONDS]", "kept,1", _restart, "1012, ports closed, back with old or new acquisitions"),
    Word("close", "CODE", "1000", _close_code, "every WebSocket closed with this code; 1006: without a close frame"),
    Word("blackhole", "SECONDS", "8", _LASTS, "nothing passes on any connection, none is closed"),
    Word("freeze", "SECONDS", "5", _LASTS, "SIGSTOP, then SIGCONT"),
    Word(
        "silent",
        f"COUNT|=N,…|{EQUIPMENT}",
        "1",
        _which(EQUIPMENT),
        "the last streams, or those counted from 0, never send; until clear",
    ),
    Word(
        "zombie",
        f"COUNT|=N,…|{READINGS}",
        "1",
        _which(READINGS),
        "the last streams, or those counted from 0, are poisonous; until clear",
    ),
    Word("stall", "MS", "2000", _number(0.0, MAX_WAIT_S * 1000, "MS"), "no stream sends for so long, once"),
    Word("rival", "stop|slow|small", "stop", _choice("stop", "slow", "small"), "another client changes every stream"),
    Word("recount", "", "", _nothing, "every acquisition is stopped and started"),
    Word("rechannel", "", "", _nothing, "the same, with other channels"),
    Word("garbage", "KIND", "all", _choice("all", *GARBAGE_KINDS), f"bad messages: all, {', '.join(GARBAGE_KINDS)}"),
    Word("huge", "", "", _nothing, "messages over 64 MiB until a smaller window is asked for; until clear"),
    Word("clock", "SECONDS", "3600", _number(-MAX_CLOCK_S, MAX_CLOCK_S, "SECONDS"), "the server's clock jumps"),
    Word("unsorted", "", "", _nothing, "timestamps out of order; until clear"),
    Word("whole-seconds", "", "", _nothing, "timestamps without fraction; until clear"),
    Word("expire", "", "", _nothing, "every access token is invalid from now on"),
    Word("lock", "", "", _nothing, "every account is locked; until clear"),
    Word("slow-rest", "SECONDS", "10", _LASTS, "REST answers late; until clear"),
    Word("rest-500", "", "", _nothing, "REST crashes; until clear"),
    Word("rest-html", "STATUS", "502", _whole(200, 599, "STATUS"), "REST answers a page; until clear"),
    Word("rest-type", "", "", _nothing, "REST answers another type and shape; until clear"),
    Word("flood", "FACTOR", "20", _number(1.0, 1000.0, "FACTOR"), "streams send so many times as often; until clear"),
    Word("clear", "", "", _nothing, "all of these end"),
)
WORDS: Final[Mapping[str, Word]] = {word.name: word for word in _TABLE}

"""Where the long lists of a window of samples are in its bytes; the short rest is parsed as JSON.

Two ways lead there. Most servers write the same keys in the same order and without blanks: ``_compact`` steps from one
end of a list to the next, and what is left is one short JSON text whose last object holds the count alone. So no key
can have come twice, nor be another one than it looks like. Any other spelling is searched, at two times the price.

No message is refused here. Whatever is not exactly the usual shape makes ``locate`` answer None, and the careful way
decides; so order of keys, blanks, escapes and repeated keys cost time, never correctness.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

from lablink_dpg.wire.plain import load
from lablink_dpg.wire.reasons import Refused
from lablink_dpg.wire.timestamps import ROW_BYTES

_TIMESTAMPS = re.compile(rb'"timestamps"[ \t\r\n]*:[ \t\r\n]*\[')
_VALUES = re.compile(rb'"values"[ \t\r\n]*:[ \t\r\n]*\{')
_CHANNEL = re.compile(rb'[ \t\r\n]*+(?:,[ \t\r\n]*+)?"[^"\\]*+(?:\\.[^"\\]*+)*+"[ \t\r\n]*+:[ \t\r\n]*+\[', re.DOTALL)

# The same without blanks, from the end of one list to the beginning of the next.
_DATA: Final = b'"data":{'
_DATA_TIMES: Final = _DATA + b'"timestamps":['
_AFTER_TIMESTAMPS: Final = b'],"values":{'
_AFTER_NAME: Final = b'":['
_COUNT: Final = b'},"count":'
_END: Final = b"}}"
MAX_COUNT_BYTES: Final = 32  # from there to the end
_PLAIN_NAME = re.compile(r'"[^"\\\x00-\x1f]*')
_COMMA: Final = ord(",")
_BACKSLASH: Final = ord("\\")
MAX_NAME_BYTES: Final = 1024  # of a channel: what is longer is searched
MAX_HEAD_BYTES: Final = 65_536  # before the timestamps; of a scope with four channels it is half a kilobyte

# \u0061 … \u007a could spell one of the two keys above so that the search misses it, and \ud8… is a lone
# surrogate perhaps, on which JSON parsers disagree. \u00b5 (µ) and the like are harmless.
_DOUBTFUL_ESCAPES = (b"\\u006", b"\\u007", b"\\ud", b"\\uD")


class Window(NamedTuple):
    """Where the long lists are. ``skeleton`` is the whole message with them empty."""

    raw: bytes | bytearray
    skeleton: dict[str, Any]
    # Start and stop within raw, without the brackets; as the lists of the channels. Where as many rows of full width
    # fit in as the message counts, nobody has looked for another bracket between them.
    timestamps: tuple[int, int]
    channels: tuple[str, ...]
    lists: tuple[tuple[int, int], ...]


def locate(raw: bytes | bytearray) -> Window | None:
    """Find the lists of ``{…, "data": {"timestamps": […], "values": {name: […], …}, …}}``."""
    return _compact(raw) or _searched(raw)


def _compact(raw: bytes | bytearray) -> Window | None:
    """The same of ``{…,"data":{"timestamps":[…],"values":{name:[…],…},"count":…}}``; None if it is not just that."""
    key = raw.find(_DATA_TIMES, 0, MAX_HEAD_BYTES)
    end = raw.rfind(_COUNT, -MAX_COUNT_BYTES)
    counted = raw[end + len(_COUNT) : -len(_END)]
    if key < 0 or end < 0 or raw[key - 1] == _BACKSLASH or not raw.endswith(_END) or not counted.isdigit():
        return None
    start = key + len(_DATA_TIMES)
    stop = start + int(counted) * ROW_BYTES - 1  # to look for it would read through all timestamps once more
    if not raw.startswith(_AFTER_TIMESTAMPS, stop):
        stop = raw.find(b"]", start)
        if stop < 0 or not raw.startswith(_AFTER_TIMESTAMPS, stop):
            return None
    timestamps = start, stop
    at = stop + len(_AFTER_TIMESTAMPS)
    names, lists = [], []
    while True:
        stop = raw.find(_AFTER_NAME, at, at + MAX_NAME_BYTES)
        name = _plain_name(bytes(raw[at:stop])) if stop >= 0 else None
        if name is None:
            return None
        names.append(name)
        start = stop + len(_AFTER_NAME)
        stop = raw.find(b"]", start)
        if stop < 0:
            return None
        lists.append((start, stop))
        at = stop + 1  # not beyond the message, which ends otherwise
        if raw[at] != _COMMA:
            break
        at += 1
    if at != end or len(set(names)) < len(names):
        return None
    # Closed by the braces at the end, this object is the last of its name and holds no other keys than were found.
    skeleton = _parsed(raw[: key + len(_DATA)] + raw[end + 2 :])
    return None if skeleton is None else Window(raw, skeleton, timestamps, tuple(names), tuple(lists))


@lru_cache(maxsize=4096)  # of all channels of a thousand streams; most have the same
def _plain_name(quoted: bytes) -> str | None:
    """By a quote and what follows up to the next one; None if that may be written differently than it is meant."""
    try:
        text = quoted.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text[1:] if _PLAIN_NAME.fullmatch(text) else None


def _searched(raw: bytes | bytearray) -> Window | None:
    key = raw.find(b'"timestamps"')
    match = _TIMESTAMPS.match(raw, key) if key >= 0 else None
    if match is None:
        return None
    timestamps = match.end(), raw.find(b"]", match.end())
    # Usually the values come next; looking for them from the start would read through all timestamps.
    key = raw.find(b'"values"', max(timestamps[1], 0))
    if key < 0:
        key = raw.find(b'"values"')
    match = _VALUES.match(raw, key) if key >= 0 else None
    if match is None:
        return None
    lists = _channel_lists(raw, match.end())
    if not lists or timestamps[1] < 0:
        return None
    skeleton = _skeleton(raw, sorted([timestamps, *lists]))
    if skeleton is None:
        return None
    data = skeleton.get("data")
    if not isinstance(data, dict) or data.get("timestamps") != []:
        return None
    values = data.get("values")
    # As many names as lists, all empty now: then the k-th list belongs to the k-th name, and no name came twice.
    if not isinstance(values, dict) or list(values.values()) != [[]] * len(lists):
        return None
    return Window(raw, skeleton, timestamps, tuple(values), tuple(lists))


def _channel_lists(raw: bytes | bytearray, at: int) -> list[tuple[int, int]] | None:
    """Start and stop of each list from ``at`` on, as far as there is no other in it; None if one does not end."""
    lists = []
    while match := _CHANNEL.match(raw, at):
        start, stop = match.end(), raw.find(b"]", match.end())
        if stop < 0:
            return None
        lists.append((start, stop))
        at = stop + 1
    return lists


def _skeleton(raw: bytes | bytearray, cuts: list[tuple[int, int]]) -> dict[str, Any] | None:
    """The message without the bytes of ``cuts``, parsed; None if a key might be another than the one that was found."""
    pieces = []
    at = 0
    for start, stop in cuts:
        if start < at:
            return None
        pieces.append(raw[at:start])
        at = stop
    pieces.append(raw[at:])
    text = b"".join(pieces)
    if text.count(b'"timestamps"') != 1 or text.count(b'"values"') != 1:
        return None
    return _parsed(text)


def _parsed(text: bytes | bytearray) -> dict[str, Any] | None:
    if b"\\" in text and any(escape in text for escape in _DOUBTFUL_ESCAPES):
        return None
    try:
        skeleton = orjson.loads(text)
    except ValueError:
        try:
            skeleton = load(text)  # statistics with NaN in them, perhaps
        except Refused:
            return None
    return skeleton if isinstance(skeleton, dict) else None

"""The fast way into a window of samples: find the long lists in the bytes, read only the ends that are new.

Context: windows overlap, two thirds of every message are known already, and parsing all of it is what a decoder
spends its time on. Decision: the contents of the long lists are cut out of the bytes, the short rest is parsed as
JSON as usual, and of each list only the new end is parsed. Of what is known already only the structure is looked at,
which takes no parsing: a timestamp list with two quotes per sample, one comma less than samples and no bracket, and a
number list without quote and with one comma less than samples, have as many elements as samples, so the ends are
counted right. (A list inside of such a list would end it early, and an object in it has quotes or is empty.)
Consequence: a flaw among samples that are stored already goes unnoticed; they are not used.

No message is refused here. Whatever is not exactly the usual shape makes ``locate`` or ``read_end`` answer
None, and the careful way decides; so order of keys, blanks, escapes and repeated keys cost time, never correctness.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import Float64Array, Int64Array
from lablink_dpg.wire.numbers import parse_numbers
from lablink_dpg.wire.plain import BareToken, load
from lablink_dpg.wire.reasons import Reason, Refused
from lablink_dpg.wire.rows import are_rows, parse_runs
from lablink_dpg.wire.samples import Samples, samples_of
from lablink_dpg.wire.timestamps import ROW_BYTES, SECONDS_CHARS, TEXT_CHARS, parse_rows

_TIMESTAMPS = re.compile(rb'"timestamps"[ \t\r\n]*:[ \t\r\n]*\[')
_VALUES = re.compile(rb'"values"[ \t\r\n]*:[ \t\r\n]*\{')
_CHANNEL = re.compile(rb'[ \t\r\n]*+(?:,[ \t\r\n]*+)?"[^"\\]*+(?:\\.[^"\\]*+)*+"[ \t\r\n]*+:[ \t\r\n]*+\[', re.DOTALL)

_BLANKS = b" \t\r\n"  # what JSON allows between its tokens; bytes.strip() alone would take more
_COMMA, _QUOTE = (np.array(ord(byte), np.uint8) for byte in ',"')  # without a dimension: numpy is faster with them
_BARE_WORD = BareToken("NaN")  # stands for each of the bare words
SEARCHED_BYTES = 256  # around where the new end should begin: a dozen numbers, more than they differ in length usually
LONG_LIST = 2048  # new samples a channel: parsed together, several such would not stay in the cache
MAX_BLANKS = 64  # before one timestamp; an indented message has 20

NO_PROBLEMS: frozenset[Reason] = frozenset()

# \u0061 … \u007a could spell one of the two keys above so that the search misses it, and \ud8… is a lone
# surrogate perhaps, on which JSON parsers disagree. \u00b5 (µ) and the like are harmless.
_DOUBTFUL_ESCAPES = (b"\\u006", b"\\u007", b"\\ud", b"\\uD")


class Window(NamedTuple):
    """Where the long lists are. ``skeleton`` is the whole message with them empty."""

    raw: bytes
    skeleton: dict[str, Any]
    timestamps: tuple[int, int]  # start and stop within raw, without the brackets; as the lists of the channels
    channels: tuple[str, ...]
    lists: tuple[tuple[int, int], ...]


def locate(raw: bytes) -> Window | None:
    """Find the lists of ``{…, "data": {"timestamps": […], "values": {name: […], …}, …}}``."""
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


def _channel_lists(raw: bytes, at: int) -> list[tuple[int, int]] | None:
    """Start and stop of each list from ``at`` on, as far as there is no other in it; None if one does not end."""
    lists = []
    while match := _CHANNEL.match(raw, at):
        start, stop = match.end(), raw.find(b"]", match.end())
        if stop < 0:
            return None
        lists.append((start, stop))
        at = stop + 1
    return lists


def _skeleton(raw: bytes, cuts: list[tuple[int, int]]) -> dict[str, Any] | None:
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


def read_end(window: Window, count: int, new: int) -> Samples | None:
    """The last ``new`` samples of a window of ``count``, 0 <= new <= count, if the lists have ``count`` elements."""
    if count == 0:
        return None
    raw = window.raw
    cells = np.frombuffer(raw, np.uint8)
    times_us = _new_times(raw, cells, window.timestamps, count, new)
    if times_us is None:
        return None
    ends = _ends(raw, cells, window.lists, count, new)
    if ends is None:
        return None
    if new == 0:
        return Samples(times_us, window.channels, np.empty((len(ends), 0)), NO_PROBLEMS)
    is_apart = len(ends) == 1 or new >= LONG_LIST
    values = _parsed_apart(raw, ends, new) if is_apart else None
    if values is not None:
        return Samples(times_us, window.channels, values, NO_PROBLEMS)
    # One list for all channels: each piece has new - 1 commas, so a parsed list has channels × new numbers.
    if any(np.count_nonzero(cells[start:stop] == _COMMA) != new - 1 for start, stop in ends):
        return None
    text = _one_list(memoryview(raw), ends)
    if text is None:
        return None
    parsed = parse_numbers(text) if not is_apart else None
    if parsed is None:
        return _mended(window, times_us, text)
    return Samples(times_us, window.channels, parsed.reshape(len(ends), new), NO_PROBLEMS)


def _ends(
    raw: bytes, cells: NDArray[np.uint8], lists: tuple[tuple[int, int], ...], count: int, new: int
) -> list[tuple[int, int]] | None:
    """Start and stop of the part of each list that should hold its last ``new`` elements, after count - new others."""
    ends = []
    for start, stop in lists:
        if raw.find(b'"', start, stop) >= 0 or raw.find(b"[", start, stop) >= 0:  # either could hold commas
            return None
        if count == 1 and not raw[start:stop].strip(_BLANKS):
            return None
        at = _end_start(cells[start:stop], count, new)
        if at is None:
            return None
        ends.append((start + at, stop))
    return ends


def _end_start(listed: NDArray[np.uint8], count: int, new: int) -> int | None:
    """Just behind the first count - new commas of a list; None if it has fewer, or if there should be no end behind."""
    size = listed.shape[0]
    if new == count:
        return 0
    if new == 0:
        return size if np.count_nonzero(listed == _COMMA) == count - 1 else None
    # Elements are about equally long: the comma before the new ones is near the share that they should have. Counting
    # up to there is much faster than listing commas.
    share = size - size * new // count
    further = count - new - np.count_nonzero(listed[:share] == _COMMA)  # commas to go, to the right if positive
    reach = SEARCHED_BYTES
    while True:
        first, last = (share, share + reach) if further > 0 else (max(0, share - reach), share)
        near = (listed[first:last] == _COMMA).nonzero()[0].tolist()
        if -len(near) < further <= len(near):
            at: int = first + near[further - 1] + 1
            return at
        if last >= size or first == 0:
            return None
        reach *= 4


def _parsed_apart(raw: bytes, ends: list[tuple[int, int]], new: int) -> Float64Array | None:
    """Each list by itself: the parser's memory stays in the cache, and how many they are is told by what it found."""
    whole = memoryview(raw)
    rows = []
    for end in ends:
        text = _one_list(whole, [end])
        parsed = parse_numbers(text) if text is not None else None
        if parsed is None or parsed.shape[0] != new:
            return None
        rows.append(parsed)
    # Only now: a count and many empty lists could ask for any memory.
    return (rows[0] if len(rows) == 1 else np.concatenate(rows)).reshape(len(rows), new)


def _one_list(whole: memoryview, ends: list[tuple[int, int]]) -> bytes | None:
    """The text of one list with the elements of all of ``ends``; None if there is a list or an object in it."""
    pieces: list[bytes | memoryview] = [b"["]
    for start, stop in ends:
        pieces += (whole[start:stop], b",")
    pieces[-1] = b"]"
    text = b"".join(pieces)
    return None if text.rfind(b"[") or b"{" in text else text


def _new_times(
    raw: bytes, cells: NDArray[np.uint8], bounds: tuple[int, int], count: int, new: int
) -> Int64Array | None:
    start, stop = bounds
    # Without news, as of a paused acquisition, the last row is none with a comma after it: it is proved below.
    if stop - start == count * ROW_BYTES - 1:
        times_us = parse_runs(raw, start, count, new)
        if times_us is None and new and are_rows(raw, start, count - new):
            times_us = parse_rows(raw[start + (count - new) * ROW_BYTES : stop] + b",")
        if times_us is not None:
            return times_us
    listed = cells[start:stop]
    if any(raw.find(byte, start, stop) >= 0 for byte in (b"\\", b"[", b"{")):
        return None
    is_quote = listed == _QUOTE
    if np.count_nonzero(listed == _COMMA) != count - 1 or np.count_nonzero(is_quote) != 2 * count:
        return None
    if new == 0:
        return np.empty(0, np.int64)
    quotes = is_quote.nonzero()[0][-2 * new :]
    if not _is_element_start(raw, start, start + quotes.item(0), count == new):
        return None
    table = _padded_rows(raw[start:stop], quotes)
    return None if table is None else parse_rows(table)


def _is_element_start(raw: bytes, start: int, at: int, is_first: bool) -> bool:
    """Whether only the beginning of the list, or a comma, and blanks stand before ``at``."""
    if is_first:
        return not raw[start:at].strip(_BLANKS)
    return raw[max(start, at - MAX_BLANKS) : at].rstrip(_BLANKS).endswith(b",")


def _padded_rows(text: bytes, quotes: NDArray[np.intp]) -> bytes | None:
    """The timestamps between ``quotes`` to the end as rows for ``parse_rows``: blanks out, left out microseconds in.

    Whole seconds occur in every window longer than a second: too often for the careful way.
    """
    opens, closes = quotes[::2], quotes[1::2]
    sizes = closes - opens - 1
    is_short = sizes == SECONDS_CHARS
    if not (is_short | (sizes == TEXT_CHARS)).all():
        return None
    pieces = []
    at = int(opens[0])
    for close in closes[is_short].tolist():
        pieces.append(text[at:close])
        at = close
    pieces.append(text[at:])
    # Blanks inside a timestamp go as well, but then it is too short for its row.
    return b".000000".join(pieces).translate(None, _BLANKS) + b","


def _mended(window: Window, times_us: Int64Array, text: bytes) -> Samples | None:
    """As ``read_end`` for new samples that are not all finite numbers; ``text`` holds no string, list or object."""
    marked = text
    for word in (b"-Infinity", b"Infinity", b"NaN"):
        marked = marked.replace(word, b"{}")
    try:
        # A dead channel sends NaN in every message: ``load`` knows the bare words, but takes six times as long.
        listed = [_BARE_WORD if value == {} else value for value in orjson.loads(marked)]
    except ValueError:
        try:
            listed = load(text)
        except Refused:
            return None
    if len(listed) != len(window.channels) * times_us.size:  # none, where one should be
        return None
    problems: set[Reason] = set()
    values = samples_of(listed, problems).reshape(len(window.channels), times_us.size)
    return Samples(times_us, window.channels, values, frozenset(problems))

"""The fast way into a window of samples: find the long lists in the bytes, read only the ends that are new.

Context: windows overlap, two thirds of every message are known already, and parsing all of it is what a decoder
spends its time on. Decision: the contents of the long lists are cut out of the bytes, the short rest is parsed as
JSON as usual, and of each list only the new end is parsed. Of what is known already only its extent is looked at:
in number lists commas are counted, so that each has as many elements as the message says; timestamps of full width are
found by their place from the end. (A list inside of such a list would end it early, and leave no JSON; what is new is
parsed, with the commas in it.) Consequence: a flaw among samples that are stored already goes unnoticed, such as one
timestamp less than there should be in as many bytes; they are not used.

No message is refused here. Whatever is not exactly the usual shape makes ``locate`` or ``read_end`` answer
None, and the careful way decides; so order of keys, blanks, escapes and repeated keys cost time, never correctness.
"""

from __future__ import annotations

import numpy as np
import orjson
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import Float64Array, Int64Array, Values
from lablink_dpg.model.rows import Rows
from lablink_dpg.wire.lists import Window
from lablink_dpg.wire.numbers import parse_numbers
from lablink_dpg.wire.plain import BareToken, load
from lablink_dpg.wire.reasons import Reason, Refused
from lablink_dpg.wire.rows import parse_runs
from lablink_dpg.wire.samples import Samples, samples_of
from lablink_dpg.wire.timestamps import ROW_BYTES, SECONDS_CHARS, TEXT_CHARS, parse_rows

EMPTY: Int64Array = np.empty(0, np.int64)
_BETWEEN = b'","'  # two timestamps without blanks
_BLANKS = b" \t\r\n"  # what JSON allows between its tokens; bytes.strip() alone would take more
_COMMA, _QUOTE = (np.array(ord(byte), np.uint8) for byte in ',"')  # without a dimension: numpy is faster with them
_BARE_WORD = BareToken("NaN")  # stands for each of the bare words
SEARCHED_BYTES = 256  # around where the new end should begin: a dozen numbers, more than they differ in length usually
LONG_LIST = 2048  # new samples a channel: parsed together, several such would not stay in the cache
MAX_STEPS = 16  # commas that are looked for one by one: the price of listing those near by
SHORT_BYTES = 1024  # of which commas are counted as fast without an array
MAX_BLANKS = 64  # before one timestamp; an indented message has 20

NO_PROBLEMS: frozenset[Reason] = frozenset()


def read_end(window: Window, count: int, new: int) -> Samples | None:
    """The last ``new`` samples of a window of ``count``, 0 <= new <= count, if the lists have ``count`` elements."""
    if count == 0:
        return None
    raw = window.raw
    times_us = _new_times(raw, window.timestamps, count, new)
    if times_us is None:
        return None
    ends = []
    for start, stop in window.lists:
        at = _end_start(raw, start, stop, count, new)
        if at is None:
            return None
        ends.append((at, stop))
    if new == 0:
        return Samples(times_us, window.channels, np.empty((len(ends), 0)), NO_PROBLEMS)
    values: Values | None
    if len(ends) == 1:
        values = _parsed_one(raw, *ends[0], new)
    else:
        values = _parsed_apart(raw, ends, new) if new >= LONG_LIST else _parsed(raw, ends, new)
    if values is None:
        return _mended(window, times_us, ends)
    return Samples(times_us, window.channels, values, NO_PROBLEMS)


def _end_start(raw: bytes | bytearray, start: int, stop: int, count: int, new: int) -> int | None:
    """Just behind the first count - new elements of a list and their commas, if they are so many; None if in doubt."""
    known = count - new
    if known == 0:
        return start
    if new:
        return _behind(raw, start, stop, known, count)
    if _commas(raw, start, stop) != count - 1 or (count == 1 and not raw[start:stop].strip(_BLANKS)):
        return None
    return None if raw.find(b'"', start, stop) >= 0 or raw.find(b"[", start, stop) >= 0 else stop


def _behind(raw: bytes | bytearray, start: int, stop: int, known: int, count: int) -> int | None:
    """Just behind the first ``known`` commas from ``start`` on, of which there should be count - 1; None if fewer."""
    # Elements are about equally long: the comma before the new ones is near the share that they should have. Counting
    # up to there is much faster than listing commas.
    size = stop - start
    at = start + size * known // count
    further = known - _commas(raw, start, at)  # commas to go, to the right if positive
    if 0 < further <= MAX_STEPS:
        for _ in range(further):
            at = raw.find(b",", at, stop) + 1
            if at == 0:
                return None
        return at
    if -MAX_STEPS < further <= 0:
        for _ in range(1 - further):  # there are as many before it
            at = raw.rfind(b",", start, at)
        return at + 1
    return _behind_listed(np.frombuffer(raw, np.uint8, size, start), at - start, further, start)


def _behind_listed(listed: NDArray[np.uint8], share: int, further: int, start: int) -> int | None:
    """As ``_behind``, by listing the commas next to ``share``, and next to these, until they are as many as wanted."""
    reach = SEARCHED_BYTES
    while True:
        first, last = (share, share + reach) if further > 0 else (max(0, share - reach), share)
        near = (listed[first:last] == _COMMA).nonzero()[0].tolist()
        if -len(near) < further <= len(near):
            at: int = start + first + near[further - 1] + 1
            return at
        if last >= listed.shape[0] or first == 0:
            return None
        reach *= 4


def _commas(raw: bytes | bytearray, start: int, stop: int) -> int:
    if stop - start < SHORT_BYTES:
        return raw.count(b",", start, stop)
    return int(np.count_nonzero(np.frombuffer(raw, np.uint8, stop - start, start) == _COMMA))


# No end has a closing bracket in it, so another list in it would not be closed, and this is no JSON.


def _parsed(raw: bytes | bytearray, ends: list[tuple[int, int]], new: int) -> Float64Array | None:
    text = b"[[%b]]" % b"],[".join([raw[start:stop] for start, stop in ends])
    return parse_numbers(text, len(ends), new)


def _parsed_apart(raw: bytes | bytearray, ends: list[tuple[int, int]], new: int) -> Rows | None:
    """Each list by itself: the parser's memory stays in the cache, and nothing is copied together."""
    rows = []
    for start, stop in ends:
        parsed = _parsed_one(raw, start, stop, new)
        if parsed is None:
            return None
        rows.append(parsed[0])
    return Rows(tuple(rows), new)


def _parsed_one(raw: bytes | bytearray, start: int, stop: int, new: int) -> Float64Array | None:
    return parse_numbers(b"".join((b"[", memoryview(raw)[start:stop], b"]")), 1, new)


def _new_times(raw: bytes | bytearray, bounds: tuple[int, int], count: int, new: int) -> Int64Array | None:
    start, stop = bounds
    if stop - start == count * ROW_BYTES - 1:
        times_us = _rows_of(raw, start, count, new)
        if times_us is not None:
            return times_us
    listed = np.frombuffer(raw, np.uint8, stop - start, start)
    if any(raw.find(byte, start, stop) >= 0 for byte in (b"\\", b"[", b"]", b"{")):
        return None
    is_quote = listed == _QUOTE
    if np.count_nonzero(listed == _COMMA) != count - 1 or np.count_nonzero(is_quote) != 2 * count:
        return None
    if new == 0:
        return EMPTY
    quotes = is_quote.nonzero()[0][-2 * new :]
    if not _is_element_start(raw, start, start + quotes.item(0), count == new):
        return None
    table = _padded_rows(raw[start:stop], quotes)
    return None if table is None else parse_rows(table)


def _rows_of(raw: bytes | bytearray, start: int, count: int, new: int) -> Int64Array | None:
    """Of a list that is as long as ``count`` rows are: the new ones are found by their place, the others not read."""
    known = count - new
    at = start + known * ROW_BYTES
    if new == 0:
        return EMPTY
    if known and not raw.startswith(_BETWEEN, at - len(_BETWEEN) + 1):
        return None
    times_us = parse_runs(raw, at, new)
    return times_us if times_us is not None else parse_rows(bytes(raw[at : at + new * ROW_BYTES - 1]) + b",")


def _is_element_start(raw: bytes | bytearray, start: int, at: int, is_first: bool) -> bool:
    """Whether only the beginning of the list, or a comma, and blanks stand before ``at``."""
    if is_first:
        return not raw[start:at].strip(_BLANKS)
    return raw[max(start, at - MAX_BLANKS) : at].rstrip(_BLANKS).endswith(b",")


def _padded_rows(text: bytes | bytearray, quotes: NDArray[np.intp]) -> bytes | None:
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


def _mended(window: Window, times_us: Int64Array, ends: list[tuple[int, int]]) -> Samples | None:
    """As ``read_end`` for new samples that are not all finite numbers."""
    new = times_us.shape[0]
    pieces = [window.raw[start:stop] for start, stop in ends]
    text = b"[%b]" % b",".join(pieces)
    # Without a string, list or object, each piece that has new - 1 commas has ``new`` numbers, or none for one.
    if text.rfind(b"[") or b'"' in text or b"{" in text or any(piece.count(b",") != new - 1 for piece in pieces):
        return None
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
    if len(listed) != len(pieces) * new:  # none, where one should be
        return None
    problems: set[Reason] = set()
    values = samples_of(listed, problems).reshape(len(pieces), new)
    return Samples(times_us, window.channels, values, frozenset(problems))

"""The text of JSON lists of numbers to float64, by whichever accelerator this Python has.

Each accelerator takes one list of so many numbers, or a list of such lists, and answers with exactly the values that
``json.loads`` gives, or with None if it is anything else or one of them is not finite; the caller then goes the careful
way. simdjson makes no Python floats and is the faster one, but is not there for every Python; orjson always is.

simdjson refuses to parse with a ``Parser`` that something made by its last parse still refers to, a caught
exception's traceback included. So only one whose parse went well, and of which nothing is left, is used again: the
memory that it works in is a tenth of the time of a short text.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeAlias

import numpy as np
import orjson

from lablink_dpg.model.acquisition import Float64Array

Accelerator: TypeAlias = Callable[[bytes, int, int], Float64Array | None]

# By name, so that a Python without simdjson type-checks and runs the same lines.
_simdjson: Any = import_module("simdjson") if find_spec("simdjson") else None


MAX_KEPT_BYTES = 2**18  # of text: a parser works in 13 times as much, and keeps it
_idle: list[Any] = []  # parsers; a thread takes one out of it while it parses, so there are no more than threads


def by_simdjson(text: bytes, channels: int, n: int) -> Float64Array | None:
    try:
        parser = _idle.pop()
    except IndexError:
        parser = _simdjson.Parser()
    try:
        listed = parser.parse(text)
        # One list says by its size how long it is; of several each is asked, as one could have what another lacks.
        if channels > 1 and [len(row) for row in listed] != [n] * channels:
            return None
        # numpy keeps the buffer alive, and the buffer is a copy: nothing of the parser stays. A list among the numbers
        # would be flattened silently: then there would be another number of them, or an empty one.
        numbers = np.frombuffer(listed.as_buffer(of_type="d"), np.float64)
    except (ValueError, TypeError, RuntimeError):  # not JSON; null, text or boolean; integer beyond 64 bits
        return None
    del listed
    if len(text) <= MAX_KEPT_BYTES:
        _idle.append(parser)
    return numbers.reshape(channels, n) if numbers.shape[0] == channels * n else None


def by_orjson(text: bytes, channels: int, n: int) -> Float64Array | None:
    """Through ``array``, which refuses text, null and lists, unlike numpy, and takes half the time."""
    if b"u" in text or b"s" in text:  # of all that array would take, only true and false have these letters
        return None
    try:
        listed = orjson.loads(text)
        rows = listed if channels > 1 else [listed]
        if [len(row) for row in rows] != [n] * channels:
            return None
        numbers = array("d")
        for row in rows:
            numbers.fromlist(row)
        return np.frombuffer(numbers, np.float64).reshape(channels, n)
    except (ValueError, TypeError):  # not JSON; not a number
        return None


ACCELERATORS: Mapping[str, Accelerator] = (
    {"simdjson": by_simdjson, "orjson": by_orjson} if _simdjson is not None else {"orjson": by_orjson}
)
active: Accelerator = next(iter(ACCELERATORS.values()))  # tests and benchmarks set it; nothing else does


def parse_numbers(text: bytes, channels: int, n: int) -> Float64Array | None:
    """Shape (channels, n); None if ``text`` is no list of ``n`` > 0 finite numbers, or of several such ``channels``.

    No list may be inside of another but for these: the caller has made sure of it.
    """
    return active(text, channels, n)

"""The text of JSON lists of numbers to float64, by whichever accelerator this Python has.

Each accelerator takes a list of so many lists of so many numbers, and answers with exactly the values that
``json.loads`` gives, or with None if it is anything else or one of them is not finite; the caller then goes the careful
way. simdjson makes no Python floats and is the faster one, but is not there for every Python; orjson always is.

simdjson refuses to parse with a ``Parser`` that something made by its last parse still refers to, a caught
exception's traceback included. So a Parser lives for one list: a new one costs 0.4 µs, and nothing can be left over.
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


def by_simdjson(text: bytes, channels: int, n: int) -> Float64Array | None:
    try:
        listed = _simdjson.Parser().parse(text)
        if len(listed) != channels:
            return None
        for row in listed:
            if len(row) != n:
                return None
        # numpy keeps the buffer alive, and the buffer is a copy: nothing of the parser stays. A list in a row would be
        # flattened silently: then there would be another number of them, or an empty one.
        numbers = np.frombuffer(listed.as_buffer(of_type="d"), np.float64)
        return numbers.reshape(channels, n) if numbers.shape[0] == channels * n else None
    except (ValueError, TypeError, RuntimeError):  # not JSON; null, text or boolean; integer beyond 64 bits
        return None


def by_orjson(text: bytes, channels: int, n: int) -> Float64Array | None:
    """Through ``array``, which refuses text, null and lists, unlike numpy, and takes half the time."""
    if b"u" in text or b"s" in text:  # of all that array would take, only true and false have these letters
        return None
    try:
        listed = orjson.loads(text)
        if len(listed) != channels:
            return None
        numbers = array("d")
        for row in listed:
            if len(row) != n:
                return None
            numbers.fromlist(row)
        return np.frombuffer(numbers, np.float64).reshape(channels, n)
    except (ValueError, TypeError):  # not JSON; not a number
        return None


ACCELERATORS: Mapping[str, Accelerator] = (
    {"simdjson": by_simdjson, "orjson": by_orjson} if _simdjson is not None else {"orjson": by_orjson}
)
active: Accelerator = next(iter(ACCELERATORS.values()))  # tests and benchmarks set it; nothing else does


def parse_numbers(text: bytes, channels: int, n: int) -> Float64Array | None:
    """Shape (channels, n), or None if ``text`` is not a list of ``channels`` > 0 lists of ``n`` > 0 finite numbers.

    An empty list among the numbers must not be: the caller has made sure that they have no other list in them.
    """
    return active(text, channels, n)

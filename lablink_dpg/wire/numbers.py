"""The text of a JSON list of numbers to float64, by whichever accelerator this Python has.

Each accelerator takes a list without strings or lists inside, and answers with exactly the values that ``json.loads``
gives, or with None if anything in the list is not a finite number; the caller then goes the careful way. simdjson
makes no Python floats and is the faster one, but is not there for every Python; orjson always is.

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

Accelerator: TypeAlias = Callable[[bytes], Float64Array | None]

# By name, so that a Python without simdjson type-checks and runs the same lines.
_simdjson: Any = import_module("simdjson") if find_spec("simdjson") else None


def by_simdjson(text: bytes) -> Float64Array | None:
    """A list inside the list would be flattened silently: the caller has made sure that there is none."""
    try:
        numbers = _simdjson.Parser().parse(text)
        # numpy keeps the buffer alive, and the buffer is a copy: nothing of the parser stays.
        return np.frombuffer(numbers.as_buffer(of_type="d"), np.float64)
    except (ValueError, TypeError, RuntimeError):  # not JSON; null, text or boolean; integer beyond 64 bits
        return None


def by_orjson(text: bytes) -> Float64Array | None:
    """Through ``array``, which refuses text, null and lists, unlike numpy, and takes half the time."""
    if b"u" in text or b"s" in text:  # of all that array would take, only true and false have these letters
        return None
    try:
        values = orjson.loads(text)
        return np.frombuffer(array("d", values), np.float64)
    except (ValueError, TypeError):  # not JSON; not a number
        return None


ACCELERATORS: Mapping[str, Accelerator] = (
    {"simdjson": by_simdjson, "orjson": by_orjson} if _simdjson is not None else {"orjson": by_orjson}
)
active: Accelerator = next(iter(ACCELERATORS.values()))  # tests and benchmarks set it; nothing else does


def parse_numbers(text: bytes) -> Float64Array | None:
    """Shape (n,), or None if ``text`` is not a flat list of finite numbers."""
    return active(text)

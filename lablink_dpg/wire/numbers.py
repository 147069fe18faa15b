"""The text of a JSON list of numbers to float64, by whichever accelerator this Python has.

Each accelerator answers with exactly the values that ``json.loads`` gives, or with None if anything in the list is not
a finite number; the caller then goes the careful way. simdjson makes no Python floats and is the faster one, but is
not there for every Python; orjson always is.

simdjson refuses to parse with a ``Parser`` that something made by its last parse still refers to, a caught
exception's traceback included. So a Parser lives for one list: a new one costs 0.4 µs, and nothing can be left over.
"""

from __future__ import annotations

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
    """``text`` must hold a list without a list inside: simdjson would flatten that silently."""
    try:
        array = _simdjson.Parser().parse(text)
        # The array keeps the buffer alive, and the buffer is a copy: nothing of the parser stays.
        return np.frombuffer(array.as_buffer(of_type="d"), np.float64)
    except (ValueError, TypeError, RuntimeError):  # not JSON; null, text or boolean; integer beyond 64 bits
        return None


def by_orjson(text: bytes) -> Float64Array | None:
    try:
        values = orjson.loads(text)
    except ValueError:
        return None
    # Without this look numpy would take true for 1, null for NaN and "1.5" for 1.5.
    if not set(map(type, values)) <= {float, int}:
        return None
    return np.array(values, np.float64)


ACCELERATORS: Mapping[str, Accelerator] = (
    {"simdjson": by_simdjson, "orjson": by_orjson} if _simdjson is not None else {"orjson": by_orjson}
)
active: Accelerator = next(iter(ACCELERATORS.values()))  # tests and benchmarks set it; nothing else does


def parse_numbers(text: bytes) -> Float64Array | None:
    """Shape (n,), or None if ``text`` is not a flat list of finite numbers."""
    return active(text)

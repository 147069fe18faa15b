"""Fields of decoded JSON that may be missing or anything at all: each function answers with something usable.

For lines of lists and for events, where one odd field must not cost the rest of it. Texts are one printable line.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from lablink_dpg.wire.reasons import clip

Stamp: TypeAlias = Callable[[Any], int]  # from a time as the server writes it to Unix µs; now for anything else

MAX_ID_CHARS = 200  # of an id or a name that is used as a key; longer is refused, since a cut one is another one
MAX_TEXTS = 50  # of a list of sentences: nobody reads more


def mapping(value: object, name: str) -> Mapping[str, Any]:
    """The object in that field, empty if there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def listing(value: object, name: str) -> Sequence[Any]:
    """The list in that field, empty if there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else ()


def identity(data: Mapping[str, Any], name: str) -> str:
    """An id, "" if there is none that can be one."""
    value = data.get(name)
    return value if isinstance(value, str) and len(value) <= MAX_ID_CHARS and value.isprintable() else ""


def line(data: Mapping[str, Any], name: str) -> str:
    """A text as one printable line."""
    value = data.get(name)
    return clip(value.strip()) if isinstance(value, str) else ""


def lines(data: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of texts, without those that are empty or no texts."""
    found = [clip(each.strip()) for each in listing(data, name)[:MAX_TEXTS] if isinstance(each, str)]
    return tuple(text for text in found if text)


def number(data: Mapping[str, Any], name: str) -> float | None:
    """A finite number; None for anything else, true and false included."""
    return finite(data.get(name))


def positive(value: object) -> float:
    """A finite number above zero; 0.0 for anything else."""
    known = finite(value)
    return known if known is not None and known > 0 else 0.0


def finite(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        as_float = float(value)
    except OverflowError:  # an integer beyond float64
        return None
    return as_float if math.isfinite(as_float) else None


def whole(data: Mapping[str, Any], name: str) -> int | None:
    """A whole number from 0 on."""
    value = number(data, name)
    return int(value) if value is not None and value >= 0 and value == int(value) else None

"""Any bytes to plain Python values, or one reason why not: the careful way, which every fast path gives way to.

It reads the bare words NaN and Infinity, which are not JSON but which the server writes, and marks them as such.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from lablink_dpg.wire.reasons import MAX_MESSAGE_BYTES, Reason, Refused

MAX_INT_DIGITS = 400  # float64 ends at 309 digits; CPython refuses, and takes quadratic time for, very long integers


class BareToken(float):
    """NaN, Infinity or -Infinity as a bare word: told from a number that overflowed by its type."""


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= MAX_INT_DIGITS else float(digits)


_DECODER = json.JSONDecoder(parse_constant=BareToken, parse_int=_integer)


def load(raw: bytes | bytearray) -> Any:
    """Decode JSON text; of repeated keys the last counts.

    Raises:
        Refused: if it is too large, not UTF-8, not JSON, or nested too deeply for the interpreter.
    """
    if len(raw) > MAX_MESSAGE_BYTES:
        raise Refused(Reason.TOO_LARGE, f"message of {len(raw)} bytes, at most {MAX_MESSAGE_BYTES} are read")
    try:
        text = raw.decode("utf-8")
        value = _DECODER.decode(text)
        if "\\ud" in text or "\\uD" in text:
            # A lone half of a surrogate pair becomes a string that no file, terminal or URL can take.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeError as error:
        raise Refused(Reason.INVALID_UTF8, str(error)) from None
    except RecursionError:
        raise Refused(Reason.INVALID_JSON, "nested too deeply") from None
    except ValueError as error:
        raise Refused(Reason.INVALID_JSON, str(error)) from None
    return value


def load_object(raw: bytes | bytearray) -> dict[str, Any]:
    """As ``load``, and refuses what is not an object at the top."""
    value = load(raw)
    if not isinstance(value, dict):
        raise Refused(Reason.NOT_AN_OBJECT, f"the message is {kind(value)}, not an object")
    return value


def kind(value: object) -> str:
    """What JSON, or CBOR, calls this value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, np.ndarray):
        return "a typed array"
    return "a list" if isinstance(value, list) else "an object"


def text_field(message: dict[str, Any], name: str) -> str:
    """A string that must be there."""
    if name not in message:
        raise Refused(Reason.MISSING_FIELD, name)
    value = message[name]
    if not isinstance(value, str):
        raise Refused(Reason.WRONG_TYPE, f"{name} is {kind(value)}, not a string")
    return value


def object_field(message: dict[str, Any], name: str) -> dict[str, Any]:
    """An object that must be there."""
    if name not in message:
        raise Refused(Reason.MISSING_FIELD, name)
    value = message[name]
    if not isinstance(value, dict):
        raise Refused(Reason.WRONG_TYPE, f"{name} is {kind(value)}, not an object")
    return value


def list_field(message: dict[str, Any], name: str) -> list[Any]:
    """A list that must be there."""
    if name not in message:
        raise Refused(Reason.MISSING_FIELD, name)
    value = message[name]
    if not isinstance(value, list):
        raise Refused(Reason.WRONG_TYPE, f"{name} is {kind(value)}, not a list")
    return value


def count_field(message: dict[str, Any], name: str, maximum: int) -> int:
    """A whole number from 0 to ``maximum`` that must be there; 5.0 is whole, true is not a number."""
    if name not in message:
        raise Refused(Reason.MISSING_FIELD, name)
    value = message[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(Reason.WRONG_TYPE, f"{name} is {kind(value)}, not a number")
    if not 0 <= value <= maximum or value != int(value):
        raise Refused(Reason.WRONG_TYPE, f"{name} is not a whole number from 0 to {maximum}")
    return int(value)

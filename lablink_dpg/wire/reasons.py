"""Why a message, or a sample in it, could not be taken as sent: one small fixed vocabulary, counted by its words.

The same words serve ``BadMessage.reason`` (nothing of the message is used) and ``problems`` of a block (the message is
used after mending), so that one table of counters shows both.
"""

from __future__ import annotations

from collections.abc import Set
from enum import StrEnum

MAX_MESSAGE_BYTES = (
    64 * 1024 * 1024
)  # 60 times the largest honest window (10,000 × 4 as text); JSON text of one message
MAX_DECOMPRESSED_BYTES = MAX_MESSAGE_BYTES  # a few KiB of zlib can ask for gigabytes: inflation stops here
MAX_TOTAL_SAMPLES = 2**53  # beyond it a number that went through a float somewhere is no longer exact
MAX_DETAIL_CHARS = 200  # one line for a person, whatever the server put into its message


class Reason(StrEnum):
    # the message is not used
    INVALID_UTF8 = "invalid_utf8"
    INVALID_JSON = "invalid_json"
    INVALID_CBOR = "invalid_cbor"
    TOO_LARGE = "too_large"
    BAD_COMPRESSION = "bad_compression"
    NOT_AN_OBJECT = "not_an_object"
    UNKNOWN_TYPE = "unknown_type"
    MISSING_FIELD = "missing_field"
    BAD_TIMESTAMPS = "bad_timestamps"
    BAD_POSITION = "bad_position"  # a typed window beyond the samples that there are
    NO_SAMPLES_USABLE = "no_samples_usable"
    BAD_COUNT = "bad_count"  # a leap that time does not explain; believed if the next message says so too
    # the message is not used, or one channel of it is not
    WRONG_TYPE = "wrong_type"
    UNEQUAL_LENGTHS = "unequal_lengths"
    # single samples became NaN
    NAN_TOKEN = "nan_token"  # the bare words NaN, Infinity, -Infinity: not JSON, but what the server writes
    NULL_SAMPLE = "null_sample"
    TEXT_SAMPLE = "text_sample"  # "1.5" is not guessed to be 1.5
    NOT_FINITE = "not_finite"  # a number beyond float64, such as 1e400
    NOT_A_NUMBER = "not_a_number"  # true, false, a list or an object where a sample belongs


class Refused(Exception):
    """A message that cannot be used. Raised and caught inside this room only."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = clip(detail)


def clip(text: str) -> str:
    """``text`` as one printable line of at most ``MAX_DETAIL_CHARS`` characters."""
    # The slice comes first: the text may be a whole message of a hostile server.
    line = "".join(c if c.isprintable() else "?" for c in text[: MAX_DETAIL_CHARS + 1])
    return line if len(line) <= MAX_DETAIL_CHARS else line[: MAX_DETAIL_CHARS - 1] + "…"


def in_order(problems: Set[Reason]) -> tuple[str, ...]:
    """The problems of one message, each once, in the order of the table above: equal messages give equal tuples."""
    if not problems:  # of nearly every message
        return ()
    return tuple(reason.value for reason in Reason if reason in problems)

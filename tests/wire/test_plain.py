"""Any bytes to plain values."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.wire import plain
from lablink_dpg.wire.plain import BareToken, count_field, list_field, load, load_object, object_field, text_field
from lablink_dpg.wire.reasons import MAX_DETAIL_CHARS, Reason, Refused, clip
from tests.support.wire_messages import json_values


def reason_of(raw: bytes) -> Reason:
    with pytest.raises(Refused) as caught:
        load_object(raw)
    assert len(caught.value.detail) <= MAX_DETAIL_CHARS
    return caught.value.reason


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", Reason.INVALID_JSON),
        (b"{", Reason.INVALID_JSON),
        (b"{} x", Reason.INVALID_JSON),
        (b"nan", Reason.INVALID_JSON),
        (b"[" * 100_000, Reason.INVALID_JSON),
        (b'{"a":' * 100_000, Reason.INVALID_JSON),
        (b"[" * 100_000 + b"]" * 100_000, Reason.INVALID_JSON),
        (b"\xff{}", Reason.INVALID_UTF8),
        ('{"a":"µ"}'.encode("latin-1"), Reason.INVALID_UTF8),
        ("{}".encode("utf-16"), Reason.INVALID_UTF8),
        (b"\xef\xbb\xbf{}", Reason.INVALID_JSON),
        (b'{"a":"\\ud800"}', Reason.INVALID_UTF8),
        (b"[]", Reason.NOT_AN_OBJECT),
        (b"null", Reason.NOT_AN_OBJECT),
        (b"NaN", Reason.NOT_AN_OBJECT),
        (b'"text"', Reason.NOT_AN_OBJECT),
    ],
)
def test_what_is_no_json_object_is_refused_with_its_reason(raw: bytes, reason: Reason) -> None:
    assert reason_of(raw) is reason


def test_bare_words_are_told_from_numbers_that_overflow() -> None:
    value = load(b'[NaN, Infinity, -Infinity, 1e400, -1e400, "NaN"]')
    assert [isinstance(each, BareToken) for each in value] == [True, True, True, False, False, False]
    assert math.isnan(value[0])
    assert value[1:5] == [math.inf, -math.inf, math.inf, -math.inf]


def test_very_long_integers_cost_neither_an_exception_nor_minutes() -> None:
    digits = b"9" * 1_000_000
    assert load(digits) == math.inf
    assert load(b"-" + digits) == -math.inf
    assert load(b"9" * 300) == int("9" * 300)


def test_paired_surrogate_escapes_are_one_character() -> None:
    assert load(b'"\\ud83d\\ude00"') == "😀"


def test_a_text_beyond_the_limit_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "MAX_MESSAGE_BYTES", 10)
    assert load(b'"12345678"') == "12345678"
    assert reason_of(b'"123456789"') is Reason.TOO_LARGE


@given(json_values)
def test_fields_are_of_the_wanted_kind_or_refused(value: object) -> None:
    for field, kinds in ((text_field, str), (object_field, dict), (list_field, list)):
        if isinstance(value, kinds):
            assert field({"x": value}, "x") is value
        else:
            with pytest.raises(Refused, match="x is ") as caught:
                field({"x": value}, "x")
            assert caught.value.reason is Reason.WRONG_TYPE
        with pytest.raises(Refused, match="x") as caught:
            field({"y": value}, "x")
        assert caught.value.reason is Reason.MISSING_FIELD


@pytest.mark.parametrize(("value", "count"), [(0, 0), (7, 7), (7.0, 7), (2**53, 2**53), (0.0, 0)])
def test_whole_numbers_are_counts(value: object, count: int) -> None:
    got = count_field({"x": value}, "x", 2**53)
    assert got == count
    assert type(got) is int


@pytest.mark.parametrize(
    "value", [-1, 0.5, 2**53 + 1, True, False, None, "7", [7], {}, math.nan, math.inf, BareToken("NaN"), 1e300, 10**400]
)
def test_anything_else_is_no_count(value: object) -> None:
    with pytest.raises(Refused) as caught:
        count_field({"x": value}, "x", 2**53)
    assert caught.value.reason is Reason.WRONG_TYPE
    assert caught.value.detail.startswith("x ")


@given(st.text(max_size=500))
def test_details_are_one_short_printable_line(text: str) -> None:
    line = clip(text)
    assert len(line) <= MAX_DETAIL_CHARS
    assert line.isprintable()

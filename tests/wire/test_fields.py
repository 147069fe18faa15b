"""Fields of which nothing is known."""

from __future__ import annotations

from hypothesis import given

from lablink_dpg.wire import fields
from tests.support.anything import anything


@given(anything)
def test_nothing_that_json_can_be_raises(value: object) -> None:
    data = {"x": value}
    assert isinstance(fields.identity(data, "x"), str)
    assert fields.line(data, "x").isprintable()
    assert all(text and text.isprintable() for text in fields.lines(data, "x"))
    assert isinstance(fields.mapping(value, "x"), dict)
    assert len(fields.listing(value, "x")) >= 0
    number = fields.number(data, "x")
    assert number is None or abs(number) <= float("1.8e308")
    whole = fields.whole(data, "x")
    assert whole is None or whole >= 0


def test_a_number_is_no_truth_and_no_text() -> None:
    assert [fields.finite(each) for each in (True, "5", 10**400, float("nan"), 5, 2.5)] == [None] * 4 + [5.0, 2.5]
    assert fields.whole({"n": 5.0}, "n") == 5
    assert fields.whole({"n": 5.5}, "n") is None


def test_an_id_that_is_too_long_is_none_and_not_cut() -> None:
    assert fields.identity({"id": "x" * 200}, "id") == "x" * 200
    assert fields.identity({"id": "x" * 201}, "id") == ""


def test_a_text_of_many_lines_is_one_printable_line() -> None:
    assert fields.line({"t": " a\nb\x00 "}, "t") == "a?b?"

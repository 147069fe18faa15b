"""The accelerators against ``json.loads``."""

from __future__ import annotations

import json
import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.wire import numbers
from lablink_dpg.wire.numbers import ACCELERATORS, parse_numbers


def bits(values: object) -> list[int]:
    return np.asarray(values, np.float64).view(np.int64).tolist()


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_every_finite_float_comes_back_bit_for_bit(values: list[float]) -> None:
    text = json.dumps(values).encode()
    for accelerator in ACCELERATORS.values():
        parsed = accelerator(text)
        assert parsed is not None
        assert parsed.dtype == np.float64
        assert bits(parsed) == bits(values)


@given(st.lists(st.from_regex(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,40})?([eE][-+]?[0-9]{1,3})?", fullmatch=True)))
def test_any_spelling_of_a_number_is_read_as_json_reads_it_or_not_at_all(spellings: list[str]) -> None:
    text = f"[{','.join(spellings)}]"
    expected = [float(value) for value in json.loads(text)]
    for accelerator in ACCELERATORS.values():
        parsed = accelerator(text.encode())
        # An integer beyond 64 bits may be left to the careful way by one and read by the other.
        assert parsed is None or bits(parsed) == bits(expected)


@pytest.mark.parametrize(
    "value",
    [
        5e-324,
        -5e-324,
        2.2250738585072014e-308,
        sys.float_info.max,
        -sys.float_info.max,
        1e308,
        -0.0,
        0.1,
        1 / 3,
        2**53 + 1.0,
    ],
)
def test_extreme_floats_are_exact(accelerator: str, value: float) -> None:
    parsed = parse_numbers(f"[{value!r}]".encode())
    assert parsed is not None
    assert bits(parsed) == bits([value])


@pytest.mark.parametrize("value", [0, -1, 2**53 + 1, 2**63 - 1, -(2**63), 2**64 - 1])
def test_integers_are_rounded_as_python_rounds_them(accelerator: str, value: int) -> None:
    parsed = parse_numbers(f"[{value},0.5]".encode())
    assert parsed is not None
    assert parsed.tolist() == [float(value), 0.5]


@pytest.mark.parametrize(
    "text",
    ["[1,null]", "[true]", "[1.5,false]", "[NaN]", "[-Infinity]", "[1e400]", "[1,,2]", "[1,]", "[,]", "[01]", "[1.]",
     "[.5]", "[+1]", "[1", "1]", "", "[1 2]", "[0x10]", "[1_0]", "[--1]", "[1e]"],
)  # fmt: skip
def test_what_is_no_list_of_finite_numbers_is_left_to_the_careful_way(accelerator: str, text: str) -> None:
    assert parse_numbers(text.encode()) is None


def test_a_parsed_array_outlives_everything_parsed_after_it(accelerator: str) -> None:
    kept = [parse_numbers(f"[{index}.25,{index}]".encode()) for index in range(200)]
    assert parse_numbers(b"[oops]") is None
    for index, parsed in enumerate(kept):
        assert parsed is not None
        assert parsed.tolist() == [index + 0.25, index]


def test_failures_in_between_never_block_the_next_list(accelerator: str) -> None:
    for index in range(100):
        assert parse_numbers(b"[1,null]") is None
        assert parse_numbers(b"[1e999]") is None
        parsed = parse_numbers(f"[{index}]".encode())
        assert parsed is not None
        assert parsed[0] == index


def test_the_first_accelerator_is_simdjson_where_it_is_installed() -> None:
    assert numbers.active is next(iter(ACCELERATORS.values()))
    assert "orjson" in ACCELERATORS
    assert math.isclose(float(numbers.by_orjson(b"[0.5]")[0]), 0.5)  # type: ignore[index]

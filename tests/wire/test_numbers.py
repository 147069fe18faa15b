"""The accelerators against ``json.loads``."""

from __future__ import annotations

import json
import math
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.wire import numbers
from lablink_dpg.wire.numbers import ACCELERATORS, parse_numbers


def bits(values: object) -> list[int]:
    return np.asarray(values, np.float64).view(np.int64).tolist()


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_every_finite_float_comes_back_bit_for_bit(values: list[float]) -> None:
    text = json.dumps(values).encode()
    for accelerator in ACCELERATORS.values():
        parsed = accelerator(text, 1, len(values))
        assert parsed is not None
        assert parsed.shape == (1, len(values))
        assert parsed.dtype == np.float64
        assert bits(parsed[0]) == bits(values)


@given(
    st.lists(st.from_regex(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,40})?([eE][-+]?[0-9]{1,3})?", fullmatch=True), min_size=1)
)
def test_any_spelling_of_a_number_is_read_as_json_reads_it_or_not_at_all(spellings: list[str]) -> None:
    text = f"[{','.join(spellings)}]"
    expected = [float(value) for value in json.loads(text)]
    for accelerator in ACCELERATORS.values():
        parsed = accelerator(text.encode(), 1, len(spellings))
        # An integer beyond 64 bits may be left to the careful way by one and read by the other.
        assert parsed is None or bits(parsed[0]) == bits(expected)


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
    parsed = parse_numbers(f"[{value!r}]".encode(), 1, 1)
    assert parsed is not None
    assert bits(parsed[0]) == bits([value])


@pytest.mark.parametrize("value", [0, -1, 2**53 + 1, 2**63 - 1, -(2**63), 2**64 - 1])
def test_integers_are_rounded_as_python_rounds_them(accelerator: str, value: int) -> None:
    parsed = parse_numbers(f"[{value},0.5]".encode(), 1, 2)
    assert parsed is not None
    assert parsed.tolist() == [[float(value), 0.5]]


@pytest.mark.parametrize(
    "text",
    ["[1,null]", "[true]", "[1.5,false]", "[NaN]", "[-Infinity]", "[1e400]", "[1,,2]", "[1,]", "[,]", "[01]", "[1.]",
     "[.5]", "[+1]", "[1", "1]", "", "[1 2]", "[0x10]", "[1_0]", "[--1]", "[1e]"],
)  # fmt: skip
def test_what_is_no_list_of_finite_numbers_is_left_to_the_careful_way(accelerator: str, text: str) -> None:
    for n in (1, 2):
        assert parse_numbers(text.encode(), 1, n) is None


def test_a_parsed_array_outlives_everything_parsed_after_it(accelerator: str) -> None:
    kept = [parse_numbers(f"[{index}.25,{index}]".encode(), 1, 2) for index in range(200)]
    assert parse_numbers(b"[oops]", 1, 1) is None
    for index, parsed in enumerate(kept):
        assert parsed is not None
        assert parsed.tolist() == [[index + 0.25, index]]


def test_failures_in_between_never_block_the_next_list(accelerator: str) -> None:
    for index in range(100):
        assert parse_numbers(b"[1,null]", 1, 2) is None
        assert parse_numbers(b"[1e999]", 1, 1) is None
        parsed = parse_numbers(f"[{index}]".encode(), 1, 1)
        assert parsed is not None
        assert parsed.item() == index


def test_the_first_accelerator_is_simdjson_where_it_is_installed() -> None:
    assert numbers.active is next(iter(ACCELERATORS.values()))
    assert "orjson" in ACCELERATORS
    assert math.isclose(float(numbers.by_orjson(b"[0.5]", 1, 1)[0, 0]), 0.5)  # type: ignore[index]


@given(st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=4), min_size=2, max_size=4))
def test_lists_in_a_list_are_read_if_they_are_so_many_and_so_long(listed: list[list[float]]) -> None:
    text = json.dumps(listed).encode()
    for accelerator in ACCELERATORS.values():
        for channels in range(2, 6):
            for n in range(1, 5):
                parsed = accelerator(text, channels, n)
                if [len(each) for each in listed] == [n] * channels:
                    assert parsed is not None
                    assert bits(parsed) == bits(listed)
                else:
                    assert parsed is None


@pytest.mark.parametrize(
    "text",
    ["[[1,2],[3,null]]", "[[1,2],[3,4]", "[1,2]", "[[1,2],3]", "[[1,2],{}]", '[[1,2],["3",4]]', "[[1,2],[true,4]]"],
)
def test_lists_with_anything_else_in_them_are_left_to_the_careful_way(accelerator: str, text: str) -> None:
    assert parse_numbers(text.encode(), 2, 2) is None


def test_parsers_that_many_threads_use_at_once_read_each_its_own() -> None:
    def read(first: int) -> bool:
        wanted = [[float(first + number) for number in range(40)]]
        text = json.dumps(wanted[0]).encode()
        return all(
            by(text, 1, 40).tolist() == wanted and by(b"[1,null]", 1, 2) is None  # type: ignore[union-attr]
            for by in ACCELERATORS.values()
            for _ in range(50)
        )

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(read, range(0, 1600, 40)))
    assert len(numbers._idle) <= 5


def test_a_long_text_is_read_by_a_parser_that_is_not_kept(accelerator: str) -> None:
    values = np.random.default_rng(3).normal(size=numbers.MAX_KEPT_BYTES // 16).tolist()
    text = json.dumps(values).encode()
    assert len(text) > numbers.MAX_KEPT_BYTES
    parsed = parse_numbers(text, 1, len(values))
    assert parsed is not None
    assert bits(parsed[0]) == bits(values)

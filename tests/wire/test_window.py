"""The fast way: that it is taken for what servers send, and left for anything doubtful."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from lablink_dpg.wire.lists import locate
from lablink_dpg.wire.window import LONG_LIST, read_end
from tests.support.wire_messages import as_sent, message, stamps
from tests.support.wire_oracle import times

VALUES = {"CH1": [0.5, -1.25e-7, 3, 4.0, 5e300], "µV [1]": [1.0, 2.0, 3.0, 4.0, 5.0]}


def honest(**changes: Any) -> dict[str, Any]:
    return message(100, stamps(5), VALUES, **changes)


@pytest.mark.parametrize("new", [0, 1, 2, 4, 5])
@pytest.mark.parametrize("style", ["compact", "spaced", "indented", "ascii", "reversed"])
def test_every_spelling_that_servers_use_goes_the_fast_way(accelerator: str, style: str, new: int) -> None:
    sent = honest()
    if style == "reversed":
        sent["data"] = dict(reversed(sent["data"].items()))
        sent = dict(reversed(sent.items()))
    raw = {
        "compact": lambda: as_sent(sent),
        "spaced": lambda: json.dumps(sent, ensure_ascii=False).encode(),
        "indented": lambda: json.dumps(sent, indent=2, ensure_ascii=False).encode(),
        "ascii": lambda: json.dumps(sent, separators=(",", ":")).encode(),
        "reversed": lambda: as_sent(sent),
    }[style]()
    window = locate(raw)
    assert window is not None
    samples = read_end(window, 5, new)
    assert samples is not None
    assert samples.channels == tuple(VALUES)
    assert samples.values.shape == (2, new)
    assert samples.values.tolist() == [[float(value) for value in values[5 - new :]] for values in VALUES.values()]
    assert samples.times_us.tolist() == times(stamps(5)[5 - new :]).tolist()
    assert not samples.problems


@pytest.mark.parametrize("new", [1, 2, 3, 7, 11])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_whole_seconds_without_microseconds_go_the_fast_way(separators: tuple[str, str], new: int) -> None:
    texts = stamps(11, datetime(2026, 11, 23, 23, 59, 58), 250_000)
    assert {len(text) for text in texts} == {19, 26}
    window = locate(json.dumps(message(11, texts, {"A": [0.0] * 11}), separators=separators).encode())
    assert window is not None
    samples = read_end(window, 11, new)
    assert samples is not None
    assert samples.times_us.tolist() == times(texts[11 - new :]).tolist()


@pytest.mark.parametrize("count", [2, 3, 40, 1000])
@pytest.mark.parametrize("order", ["as drawn", "short ones first", "long ones first", "one long one last"])
def test_the_new_end_is_found_among_numbers_of_any_length(accelerator: str, count: int, order: str) -> None:
    noise = np.random.default_rng(count)
    drawn = [int(0.5 + noise.random()) or float(noise.normal()) for _ in range(count)]
    drawn = {
        "as drawn": drawn,
        "short ones first": sorted(drawn, key=lambda value: len(repr(value))),
        "long ones first": sorted(drawn, key=lambda value: -len(repr(value))),
        "one long one last": [1] * (count - 1) + [1.5],
    }[order]
    sent = message(count, stamps(count), {"A": drawn, "B": drawn[::-1]})
    for separators in ((",", ":"), (",\n" + " " * 30, ": ")):
        window = locate(json.dumps(sent, separators=separators).encode())
        assert window is not None
        for new in {0, 1, 2, count // 3, count // 2, count - 1, count}:
            samples = read_end(window, count, new)
            assert samples is not None
            assert samples.values.tolist() == [drawn[count - new :], drawn[::-1][count - new :]]


@pytest.mark.parametrize("length", [0, 1, 2, 4, 5])
@pytest.mark.parametrize("odd", [1.0, None, float("nan")])
def test_a_single_list_of_another_length_is_left_to_the_careful_way(
    accelerator: str, length: int, odd: float | None
) -> None:
    window = locate(as_sent(message(3, stamps(3), {"A": [odd] * length})))
    assert window is not None
    for new in range(4):
        assert read_end(window, 3, new) is None


def test_bare_words_and_nulls_among_the_new_samples_go_the_fast_way(accelerator: str) -> None:
    raw = as_sent(message(4, stamps(4), {"A": [1.0, float("nan"), 3.0, 4.0], "B": [None, 2.0, 3.0, float("-inf")]}))
    window = locate(raw)
    assert window is not None
    samples = read_end(window, 4, 3)
    assert samples is not None
    assert list(map(repr, np.ravel(samples.values).tolist())) == ["nan", "3.0", "4.0", "2.0", "3.0", "nan"]
    assert sorted(samples.problems) == ["nan_token"]


def test_statistics_with_bare_words_in_them_do_not_cost_the_fast_way() -> None:
    sent = honest()
    sent["stats"]["min_values"] = {"CH1": float("nan"), "NaN": float("-inf")}
    window = locate(as_sent(sent))
    assert window is not None
    assert read_end(window, 5, 5) is not None


@pytest.mark.parametrize(
    "values",
    [
        {"A": [[1.0], [2.0]]},
        {"A": [[1.0, 2.0]]},
        {"A": [1.0, [2.0]]},
        {"A": [1.0, "2.0"]},
        {"A": [1.0]},
        {"A": [1.0, 2.0, 3.0]},
        {"A": []},
        {"A": [1.0, 2.0], "B": []},
        {"A": [1.0, 2.0], "B": None},
        {},
        [1.0, 2.0],
    ],
)
def test_lists_of_another_shape_are_left_to_the_careful_way(accelerator: str, values: Any) -> None:
    sent = message(2, stamps(2), {"A": [1.0, 2.0]})
    sent["data"]["values"] = values
    for new in (0, 1, 2):
        window = locate(as_sent(sent))
        assert window is None or read_end(window, 2, new) is None


@pytest.mark.parametrize("end", [b"1.0,", b"1.0, ", b"1.0,,", b"1.0,\n\t"])
def test_a_sample_of_nothing_is_left_to_the_careful_way(accelerator: str, end: bytes) -> None:
    for values in ({"A": [1.0, 2.0]}, {"A": [1.0, 2.0], "B": [3.0, 4.0]}):
        raw = as_sent(message(2, stamps(2), values)).replace(b"1.0,2.0", end)
        window = locate(raw)
        assert window is not None
        assert read_end(window, 2, 1) is None
        assert read_end(window, 2, 2) is None


def test_an_empty_list_is_no_sample(accelerator: str) -> None:
    for blanks in (b"", b" ", b"\n"):
        window = locate(as_sent(message(1, stamps(1), {"A": [1.0]})).replace(b"[1.0]", b"[%s]" % blanks))
        assert window is not None
        assert read_end(window, 1, 0) is None
        assert read_end(window, 1, 1) is None


@pytest.mark.parametrize("odd", ["none", "NaN", "short", "long"])
@pytest.mark.parametrize("new", [LONG_LIST - 1, LONG_LIST, LONG_LIST + 1, LONG_LIST + 100])
def test_long_lists_are_read_as_short_ones_are(accelerator: str, new: int, odd: str) -> None:
    count = LONG_LIST + 100
    noise = np.random.default_rng(new).normal(size=(3, count))
    noise[1, -3] = np.nan if odd == "NaN" else 1.5
    values = {name: row.tolist() for name, row in zip("ABC", noise, strict=True)}
    if odd in ("short", "long"):
        values["B"] = values["B"][1:] if odd == "short" else [0.5, *values["B"]]
    window = locate(as_sent(message(count, stamps(count), values)))
    assert window is not None
    samples = read_end(window, count, new)
    if odd in ("short", "long"):
        assert samples is None
        return
    assert samples is not None
    assert np.array_equal(np.asarray(samples.values), noise[:, count - new :], equal_nan=True)
    assert sorted(samples.problems) == (["nan_token"] if odd == "NaN" else [])


def test_many_empty_lists_ask_for_no_memory() -> None:
    count = 100_000
    raw = as_sent(message(count, stamps(count, step_us=1), {f"{number}": [] for number in range(2 * count)}))
    window = locate(raw)
    assert window is not None
    assert read_end(window, count, count) is None


def test_an_empty_object_is_a_sample_that_is_counted_and_that_only_the_careful_way_reads(accelerator: str) -> None:
    window = locate(as_sent(message(3, stamps(3), {"A": [1.0, {}, 3.0]})))
    assert window is not None
    assert read_end(window, 3, 3) is None
    assert read_end(window, 3, 2) is None
    samples = read_end(window, 3, 1)
    assert samples is not None
    assert samples.values.tolist() == [[3.0]]


@pytest.mark.parametrize(
    "timestamps",
    [
        [],
        stamps(1),
        stamps(3),
        [stamps(1)[0], None],
        [None, None],
        [stamps(1), stamps(1)],
        ["a,b", 1],
        ["2026-11-23T00:00:30.1,4873", 5],
        ["2026-11-23T00:00:30\\u002e", "2026-11-23T00:00:30.000000"],
    ],
)
def test_timestamps_of_another_shape_are_left_to_the_careful_way(timestamps: list[Any]) -> None:
    sent = message(2, stamps(2), {"A": [1.0, 2.0]})
    sent["data"]["timestamps"] = timestamps
    for new in (1, 2):
        window = locate(as_sent(sent))
        assert window is None or read_end(window, 2, new) is None


@pytest.mark.parametrize(
    "text", ["2026-11-23T00:00:3 1.14873", "2026-11-23 00:00:31.148730", "2026-11-23T00:00:31.14873Z"]
)
def test_odd_timestamps_are_left_to_the_careful_way(text: str) -> None:
    for timestamps in ([text, text], [stamps(1)[0], text], [text, "2026-11-23T00:00:31"]):
        window = locate(as_sent(message(2, timestamps, {"A": [1.0, 2.0]})))
        assert window is not None
        assert read_end(window, 2, 2) is None


@pytest.mark.parametrize("garbage", [b"NaN", b"0", b"}", b"x,"])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_garbage_before_the_first_new_timestamp_is_left_to_the_careful_way(
    separators: tuple[str, str], garbage: bytes
) -> None:
    raw = json.dumps(message(3, stamps(3), {"A": [1.0, 2.0, 3.0]}), separators=separators).encode()
    for new in (1, 2, 3):
        text = f'"{stamps(3)[3 - new]}"'.encode()
        window = locate(raw.replace(text, garbage + text))
        assert window is None or read_end(window, 3, new) is None

"""Where the long lists are: the way for one spelling and the way for all agree, and doubt is left to neither."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from lablink_dpg.wire import lists
from lablink_dpg.wire.lists import MAX_NAME_BYTES, Window, locate
from tests.support.wire_messages import as_sent, damaged, message, odd_samples, stamps, windows

SENT = message(9, stamps(3), {"CH1": [0.5, 1.0, -2.0], "µV [1]": [1, 2, 3]})


def contents(window: Window) -> tuple[Any, ...]:
    """What a window says, without where it says it."""
    raw = window.raw
    spans = (window.timestamps, *window.lists)
    return window.skeleton, window.channels, tuple(bytes(raw[start:stop]) for start, stop in spans)


def test_what_servers_send_is_located_without_a_search() -> None:
    window = lists._compact(as_sent(SENT))
    assert window is not None
    skeleton = json.loads(json.dumps(SENT))
    skeleton["data"] = {"count": 3}
    assert window.skeleton == skeleton
    assert window.channels == ("CH1", "µV [1]")
    assert contents(window)[2] == (
        ",".join(f'"{stamp}"' for stamp in stamps(3)).encode(),
        b"0.5,1.0,-2.0",
        b"1,2,3",
    )


@given(windows(odd_samples))
def test_both_ways_find_the_same_lists(sent: tuple[bytes, dict[str, int]]) -> None:
    _agree(sent[0])


@given(damaged(as_sent(SENT)))
def test_both_ways_find_the_same_lists_in_damaged_messages(raw: bytes) -> None:
    _agree(raw)


def _agree(raw: bytes) -> None:
    compact, searched = lists._compact(raw), lists._searched(raw)
    assert (lists._compact(bytearray(raw)) is None) == (compact is None)
    if compact is None or searched is None:
        return
    skeleton = searched.skeleton
    skeleton["data"] = {key: value for key, value in skeleton["data"].items() if key not in ("timestamps", "values")}
    assert contents(compact) == contents(searched._replace(skeleton=skeleton))


@pytest.mark.parametrize("name", ['q"q', "back\\slash", "a\nb", "N" * MAX_NAME_BYTES])
def test_a_channel_whose_name_is_written_in_an_unusual_way_is_searched(name: str) -> None:
    raw = as_sent(message(3, stamps(3), {"A": [1, 2, 3], name: [4, 5, 6]}))
    assert lists._compact(raw) is None
    window = locate(raw)
    assert window is not None
    assert window.channels == ("A", name)


@pytest.mark.parametrize("count", ["3", "3.0", "30", "00003", "3e0", "-3", "9" * 40])
def test_a_count_of_any_kind_finds_the_same_timestamps(count: str) -> None:
    raw = as_sent(SENT).replace(b'"count":3', f'"count":{count}'.encode())
    window = locate(raw)
    if window is None:
        with pytest.raises(ValueError, match="delimiter"):
            json.loads(raw)
    else:
        assert contents(window)[2] == contents(_located(as_sent(SENT)))[2]


def _located(raw: bytes) -> Window:
    window = locate(raw)
    assert window is not None
    return window


@pytest.mark.parametrize(
    "raw",
    [
        b'{"data":{"timestamps":["t"],"values":{"A":[1]},"timestamps":["t"]}}',
        b'{"data":{"timestamps":["t"],"values":{"A":[1]},"values":{"A":[2]}}}',
        b'{"data":{"timestamps":["t"],"values":{"A":[1],"A":[2]}}}',
        b'{"data":{"timestamps":["t"],"values":{"A":[1]}},"data":{}}',
        b'{"data":{"timestamps":["t"],"values":{"A":[1]},"\\u0074imestamps":[]}}',
        b'{"data":{"timestamps":["t"],"values":{"A":[1]},"value\\u0073":{}}}',
        b'{"stats":{"timestamps":["t"],"values":{"A":[1]}},"data":{}}',
        b'{"timestamps":["t"],"data":{"values":{"A":[1]}}}',
        b'{"values":{"A":[1]},"data":{"timestamps":["t"]}}',
        b'{"data":{"values":{"timestamps":[1]},"timestamps":["t"]}}',
        b'{"data":{"timestamps":["t"],"values":{"\\ud800":[1]}}}',
        b'{"data":{"a\\"timestamps":["t"],"values":{"A":[1]}}}',
        b'{"data":{"timestamps":["t"],"values":{"A":[1]}}',
        b'{"data":{"timestamps":["t"],"values":{"A":[1],"A":[2]},"count":1}}',
        b'{"data":{"timestamps":["t"],"values":{"A":[1]},"count":1},"data":{}}',
        b'{"data":{"timestamps":["t"],"values":{"A":[1]},"count":1}',
        b'{"a\\"data":{"timestamps":["t"],"values":{"A":[1]},"count":1}}',
        b'{"data":{"timestamps":["t"],"values":{"a\xff":[1]},"count":1}}',
        b'{"data":{"timestamps":["t"],"values":{"a\nb":[1]},"count":1}}',
        b'{"data":{"timestamps":["t"],"values":{"A":[1]},"count":}}',
        b'{"data":{"timestamps":["t"],"values":{"A":[1]},"count":01}}',
        b'{"data":{"timestamps":["t"],"values":{"A":[1',
        b'{"data":{"timestamps":["t',
        b'{"data":{"timestamps":[',
        b'["timestamps":[],"values":{"A":[]}]',
        b'"timestamps""values"',
        b'"values":{"A":["timestamps":["t"]]}',
    ],
)
def test_ambiguous_or_broken_messages_are_left_to_the_careful_way(raw: bytes) -> None:
    assert locate(raw) is None
    assert locate(bytearray(raw)) is None

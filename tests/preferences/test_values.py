from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.gui import scale
from lablink_dpg.model.link import Mode, Wire
from lablink_dpg.model.storage import Storage
from lablink_dpg.preferences import LinePalette, Preferences, Server, ThemeName
from lablink_dpg.preferences.values import (
    FONT_SCALE,
    KEYS,
    MAX_OBJECT_BYTES,
    MAX_RECENT,
    changed,
    check,
    dump,
    parse,
    shown,
    with_recent,
)
from lablink_dpg.settings import Settings

CHOSEN = Preferences(
    last_servers=(Server("lab:8000", 8001), Server("https://roof")),
    recent_servers=(Server("lab:8000", 8001),),
    ws_port=9000,
    mode=Mode.POLLING,
    wire=Wire.JSON,
    fps=60.0,
    window_s=2.5,
    history=5000,
    storage=Storage.FLOAT32,
    theme=ThemeName.LIGHT,
    font_scale=1.5,
    lines=LinePalette.VIVID,
    notifications=False,
    acknowledged_by="Grete Hermann",
    docks={"opened": ["alarms"]},
    plots={"a": [1, {"b": None}]},
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


def test_every_key_can_be_written_and_read_again() -> None:
    text = json.dumps(dump(CHOSEN, KEYS))
    assert parse(json.loads(text)) == (CHOSEN, ())
    assert all(getattr(CHOSEN, key) != getattr(Preferences(), key) for key in KEYS), "each is told apart"


def test_what_is_not_there_is_as_at_a_first_start() -> None:
    assert parse({}) == (Preferences(), ())
    first, run = Preferences(), Settings(servers=("lab",))
    assert (first.fps, first.window_s, first.history, first.mode) == (run.fps, run.window_s, run.history, run.mode)
    assert first.storage is run.storage


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("fps", 500, "fps: 500 must be a number from 1 to 240 frames/s; the default is used"),
        ("fps", True, "fps: true must be a number"),
        ("fps", float("nan"), "fps: NaN must be a number"),
        ("history", 1e6, "history: 1000000.0 must be a whole number"),
        ("mode", "fast", 'mode: "fast" must be one of hybrid, websocket, polling'),
        ("storage", "float16", 'storage: "float16" must be one of float64, float32'),
        ("mode", ["hybrid"], "mode: a list of 1 must be one of"),
        ("theme", None, "theme: null must be one of dark, light"),
        ("ws_port", 0, "ws_port: 0 must be a whole number from 1 to 65535 or null"),
        ("notifications", "yes", 'notifications: "yes" must be true or false'),
        ("acknowledged_by", "x" * 200, "must be a name of at most 128 printable characters"),
        ("acknowledged_by", "two\nlines", "must be a name"),
        ("last_servers", "lab", "last_servers: "),
        ("last_servers", [5], "must be an address"),
        ("last_servers", [{"address": "lab", "ws_port": 70_000}], "must be a whole number from 1 to 65535"),
        ("last_servers", ["lab"] * 9, "must be a list of at most 8 servers"),
        ("docks", [], "docks: a list of 0 must be an object"),
        ("plots", {"a": "x" * MAX_OBJECT_BYTES}, "plots: an object of 1 must be an object of at most"),
    ],
)
def test_a_value_that_is_wrong_is_told_by_key_and_value_and_costs_no_other(key: str, value: Any, said: str) -> None:
    found, problems = parse({**dump(CHOSEN, KEYS), key: value})
    (problem,) = problems
    assert said in problem
    assert problem.startswith(f"{key}: ")
    assert found == replace(CHOSEN, **{key: getattr(Preferences(), key)})


@given(st.dictionaries(st.sampled_from((*KEYS, "unknown")), ANYTHING))
def test_whatever_stands_under_a_key_is_a_value_or_a_line_of_text(found: dict[str, Any]) -> None:
    preferences, problems = parse(found)
    check(preferences)
    assert all(len(each) < 300 and each.isprintable() for each in problems)
    again, none = parse(json.loads(json.dumps(dump(preferences, KEYS))))
    assert (repr(again), none) == (repr(preferences), ()), "by their words, since NaN is no value of its own"


def test_what_could_not_be_read_again_is_refused() -> None:
    with pytest.raises(ValueError, match="fps: 0 must be"):
        check(Preferences(fps=0))
    with pytest.raises(ValueError, match="plots: an object of 1 must be"):
        check(Preferences(plots={"a": object()}))


def test_the_newest_server_comes_first_and_each_once() -> None:
    a, b, moved = Server("a"), Server("b"), Server("a", 9)
    assert with_recent((a, b), moved) == (moved, b)
    many = tuple(Server(str(number)) for number in range(50))
    assert with_recent(many, a) == (a, *many[: MAX_RECENT - 1])


def test_changes_are_known_by_key() -> None:
    assert changed(CHOSEN, CHOSEN) == ()
    assert changed(CHOSEN, replace(CHOSEN, fps=1.0, docks={})) == ("fps", "docks")


def test_a_secret_in_an_address_is_not_repeated() -> None:
    _, problems = parse({"last_servers": [{"address": "http://ada:secret@lab", "ws_port": -1}]})
    assert "secret" not in problems[0]


def test_deep_and_long_values_are_shown_short() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    assert shown(deep) == "a list of 1"
    assert len(shown("x" * 1000)) < 100
    assert len(parse({"plots": {"a": deep}})[1]) == 1


def test_the_scale_of_letters_is_bounded_as_the_window_bounds_it() -> None:
    assert (FONT_SCALE.low, FONT_SCALE.high) == (scale.SMALLEST, scale.LARGEST)

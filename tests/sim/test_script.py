"""Tests of lablink_dpg.sim.script: every word of the table, and what is refused."""

from __future__ import annotations

import pytest

from lablink_dpg.sim.script import WORDS, Fault, describe, parse, parse_all


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("reset", Fault("reset", None, ())),
        ("reset@10", Fault("reset", 10.0, ())),
        ("refuse", Fault("refuse", None, (5.0,))),
        ("refuse@0.5:60", Fault("refuse", 0.5, (60.0,))),
        ("no-ws", Fault("no-ws", None, (403,))),
        ("no-ws:404", Fault("no-ws", None, (404,))),
        ("no-ws:closed", Fault("no-ws", None, (None,))),
        ("restart@5", Fault("restart", 5.0, (True, 1.0))),
        ("restart:gone", Fault("restart", None, (False, 1.0))),
        ("restart@5:kept,2.5", Fault("restart", 5.0, (True, 2.5))),
        ("close:4999", Fault("close", None, (4999,))),
        ("silent:equipment", Fault("silent", None, ("equipment",))),
        ("zombie:3", Fault("zombie", None, (3,))),
        ("zombie:=0,3", Fault("zombie", None, ((0, 3),))),
        ("silent:=7", Fault("silent", None, ((7,),))),
        ("zombie:readings", Fault("zombie", None, ("readings",))),
        ("clock:-3600", Fault("clock", None, (-3600.0,))),
        ("garbage:utf8", Fault("garbage", None, ("utf8",))),
    ],
)
def test_what_is_written_is_what_is_meant(text: str, fault: Fault) -> None:
    assert parse(text) == fault


def test_every_word_may_stand_alone_and_is_described() -> None:
    table = describe()
    for name in WORDS:
        assert parse(name).name == name
        assert f"  {name}" in table


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "there is no fault ''"),
        ("nope", "there is no fault 'nope', but refuse, "),
        ("Reset", "there is no fault"),
        ("reset:1", "reset takes no ARG"),
        ("reset@", "SECONDS must be a number"),
        ("reset@soon", "SECONDS must be a number"),
        ("reset@-1", "SECONDS must be a number"),
        ("reset@nan", "SECONDS must be a number"),
        ("reset@inf", "SECONDS must be a number"),
        ("refuse:", "SECONDS must be a number"),
        ("no-ws:200", "STATUS must be a whole number from 400 to 599 or closed"),
        ("restart:later", "ARG must be one of kept, gone"),
        ("restart:kept,x", "SECONDS must be a number"),
        ("close:1005", "CODE must be one"),
        ("close:1015", "CODE must be one"),
        ("close:5000", "CODE must be one"),
        ("zombie:0", "COUNT must be a whole number from 1 to 4096 or readings"),
        ("zombie:1.5", "COUNT must be a whole number"),
        ("zombie:=", "COUNT must be a whole number from 1 to 4096 or readings or =N,N,…"),
        ("silent:=1,x", "COUNT must be a whole number"),
        ("rival:evil", "ARG must be one of stop, slow, small"),
        ("garbage:paper", "ARG must be one of all, nan, "),
        ("flood:0", "FACTOR must be a number from 1"),
    ],
)
def test_what_is_wrong_is_said_with_the_text_it_was_found_in(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match="^" + repr(text).replace("'", "['\"]")) as failure:
        parse(text)
    assert complaint in str(failure.value)
    assert "\n" not in str(failure.value)


def test_a_port_that_is_not_there_cannot_be_closed() -> None:
    assert parse_all(["reset", "no-ws:closed"], has_ws_port=True)[1].needs_own_ws_port
    with pytest.raises(ValueError, match="--ws-port"):
        parse_all(["reset", "no-ws:closed"], has_ws_port=False)

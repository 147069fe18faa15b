"""Alarms as words, without a window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.books.lab import LabBook
from lablink_dpg.gui import alarm_rows, alarm_summary
from lablink_dpg.gui.alarm_rows import LOOKS, Key, Line
from lablink_dpg.gui.palette import Tone
from lablink_dpg.model.alarm import AlarmState, Severity
from lablink_dpg.model.link import LinkState, LinkStatus, Mode
from lablink_dpg.model.topic import Topic, TopicAnswer, TopicProblem
from tests.support import alarming

NOW_US = 1_795_000_000_000_000
LINK = LinkStatus("labserver:8000", Mode.HYBRID, LinkState.STREAMING, equipment=alarming.DEVICES)
OTHER = replace(LINK, server="bench:8000")


def book(link: LinkStatus = LINK) -> LabBook:
    return LabBook(link.server)


def line(severity: Severity = Severity.CRITICAL, condition: str = "", **changes: Any) -> Line:
    event = alarming.event("a", severity, NOW_US - 65_000_000, **changes)
    rule = alarming.rule(severity, condition=condition, thresholds=(1.0, 2.5)) if condition else None
    return Line(Key(LINK.server, "a"), event, rule, "PSU bench 2", "")


def test_each_severity_has_a_symbol_and_a_word_of_its_own() -> None:
    assert len({look.symbol for look in LOOKS.values()}) == len({look.word for look in LOOKS.values()}) == len(Severity)
    assert set(LOOKS) == set(Severity)


@pytest.mark.parametrize(
    ("wanted", "one"),
    [
        ("9.5 > 5", line(condition="greater_than")),
        ("9.5 | 5", line()),
        ("9.5 in 1…2.5", line(condition="in_range", threshold=None)),
        ("9.5 not in 1…2.5", line(condition="out_of_range", threshold=None)),
        ("−0.0012 ≠ 0", line(condition="not_equal_to", value=-0.0012, threshold=0.0)),
        ("− > 5", line(condition="greater_than", value=None)),
        ("9.5", line(threshold=None)),
        ("9.5 | 5", line(condition="a word of tomorrow")),
    ],
)
def test_a_value_stands_beside_what_it_broke(wanted: str, one: Line) -> None:
    assert alarm_rows.value_word(one) == wanted


def test_a_row_says_all_of_it() -> None:
    cells = alarm_rows.cells(line(condition="greater_than"), NOW_US)
    assert [word.text for word in cells] == [
        *("■ critical", "Critical voltage", "1 min", "active", "", "9.5 > 5", "PSU bench 2"),
    ]
    seen = alarm_rows.cells(line(state=AlarmState.ACKNOWLEDGED, acknowledged_by="anna"), NOW_US)
    assert seen.state.text == "✓ anna"
    over = alarm_rows.cells(line(state=AlarmState.CLEARED), NOW_US)
    assert {word.tone for word in over} == {Tone.MUTED}


def test_an_alarm_without_a_name_is_called_by_what_there_is() -> None:
    assert line(name="").name == "Alarm: Critical voltage - voltage = 9.5"
    assert line(name="", message="").name == "voltage"
    assert line(name="", message="", parameter="").name == alarm_rows.NO_NAME


def test_details_of_one_that_is_open() -> None:
    details = alarm_rows.details(line(condition="greater_than"), NOW_US)
    assert details.title.text == "■ Critical: Critical voltage"
    assert "PSU bench 2 (ps_250e6dfe)" in details.text
    assert "voltage was 9.5, limit > 5" in details.text
    assert "for 1 min 05 s" in details.text
    assert "First heard of over WebSocket" in details.text
    assert details.can_acknowledge
    assert details.seen == ""
    assert details.alarm_id == "rule_critical"


def test_details_of_one_that_somebody_has_seen_and_of_one_that_is_over() -> None:
    seen = alarm_rows.details(line(state=AlarmState.ACKNOWLEDGED, acknowledged_by="anna", note="coming"), NOW_US)
    assert (seen.seen, seen.can_acknowledge) == ("Acknowledged by anna: coming", False)
    over = alarm_rows.details(line(state=AlarmState.CLEARED, cleared_us=NOW_US - 60_000_000), NOW_US)
    assert over.seen == "Over, and acknowledged by nobody"
    assert "for 5 s" in over.text
    assert (over.is_open, over.alarm_id) == (False, "")


def test_devices_have_their_names_and_servers_theirs_where_there_are_two() -> None:
    one, other = book(), book(OTHER)
    one.alarms.take_told(alarming.event("a", Severity.INFO, NOW_US), NOW_US)
    (alone,) = alarm_rows.open_lines([one], [LINK])
    assert (alone.device, alone.server) == ("PSU bench 2", "")
    other.alarms.take_told(alarming.event("a", Severity.ERROR, NOW_US - 5, equipment_id="unknown"), NOW_US)
    lines = alarm_rows.open_lines([one, other], [LINK, OTHER])
    assert [(each.server, each.device) for each in lines] == [("bench", "unknown"), ("labserver", "PSU bench 2")]
    assert alarm_rows.cells(lines[0], NOW_US).server.text == "bench"
    assert alarm_rows.find([one, other], [LINK, OTHER], lines[0].key) == lines[0]
    assert alarm_rows.find([one, other], [LINK, OTHER], Key("nowhere", "a")) is None


def test_devices_of_one_model_are_told_apart() -> None:
    first = alarming.DEVICES[0]
    twin = replace(first, equipment_id="ps_250e6dfe")
    link = replace(LINK, equipment=(first, twin))
    lab = book(link)
    event = replace(alarming.event("a", Severity.CRITICAL, NOW_US), equipment_id=twin.equipment_id)
    lab.take_list(TopicAnswer(Topic.ALARMS, (event,), NOW_US))
    (one,) = alarm_rows.open_lines([lab], [link])
    assert one.device == f"{first.label} 6dfe"
    told = alarm_summary.bar([lab], [link])
    assert told is not None
    assert one.device in told.text


def test_history_has_everything_newest_first() -> None:
    full = book()
    alarming.fill(full, NOW_US)
    lines = alarm_rows.history_lines([full], [LINK])
    times = [each.event.triggered_us for each in lines]
    assert times == sorted(times, reverse=True)
    assert {each.event.state for each in lines} == set(AlarmState)


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        (LinkState.STREAMING, "told live · list checked 3 s ago"),
        (LinkState.POLLING, "polled over REST, 3 s ago"),
        (LinkState.WAITING, "△ no connection: as of 3 s ago"),
    ],
)
def test_how_the_list_is_known_is_said(state: LinkState, wanted: str) -> None:
    full = book()
    full.take_list(TopicAnswer(Topic.ALARMS, (), NOW_US - 3_000_000))
    assert alarm_rows.freshness([full], [replace(LINK, state=state)], NOW_US).text == wanted


def test_what_a_server_does_not_have_is_said() -> None:
    without = book()
    without.take_problem(TopicProblem(Topic.ALARMS, "not available on this server", NOW_US, is_absent=True))
    polled = alarm_rows.freshness([without], [replace(LINK, state=LinkState.POLLING)], NOW_US)
    assert polled == ("△ not available on this server", Tone.WARN)
    live = alarm_rows.freshness([without], [LINK], NOW_US)
    assert live.text == "told live · the list is not available on this server"
    assert alarm_rows.freshness([book(OTHER), without], [OTHER, LINK], NOW_US).text.startswith("labserver: ")


def test_an_empty_list_means_that_all_is_well_only_once_the_server_has_said_so() -> None:
    empty = book()
    assert "✓" not in alarm_rows.nothing([empty], is_history=False)
    empty.take_list(TopicAnswer(Topic.ALARMS, (), NOW_US))
    assert alarm_rows.nothing([empty], is_history=False) == "✓ no alarm is open"


@given(st.floats(allow_nan=False, allow_infinity=False) | st.none(), st.integers(-(2**62), 2**62))
def test_any_value_at_any_time_has_words(value: float | None, at_us: int) -> None:
    one = line(value=value, threshold=value, triggered_us=at_us)
    assert all(isinstance(word.text, str) for word in alarm_rows.cells(one, NOW_US))
    assert alarm_rows.details(one, NOW_US).text

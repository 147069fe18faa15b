"""What is said of acquisitions: a row, the details, the sum; and what can be done with each."""

from __future__ import annotations

from typing import Any

import pytest

from lablink_dpg.gui import acquisition_rows
from lablink_dpg.gui.acquisition_rows import (
    COLUMNS,
    STATE_CHIPS,
    details,
    history_cell,
    is_allowed,
    jitter_cell,
    latency_cell,
    mode_words,
    rate_against,
    rate_cell,
    row_of,
    state_chip,
    totals,
    trigger_words,
)
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.states import Chip
from lablink_dpg.model.acquisition import AcquisitionState
from lablink_dpg.model.link import StreamState
from tests.gui.acquisition_lines import INFO, line

DEVICES = {("lab:8000", "eq_1"): "MockScope-2000"}
State = AcquisitionState


def texts(row: Any) -> dict[str, str]:
    return {column.title: cell.text for column, cell in zip(COLUMNS, row.cells, strict=True)}


def test_a_row_has_everything_about_a_healthy_acquisition() -> None:
    assert texts(row_of(line(), DEVICES)) == {
        "State": "● acquiring",
        "Name": "lab/Scope 1",
        "Rate": "998 / 1000 S/s",
        "By": "● WS",
        "Lost": "0",
        "Device": "MockScope-2000",
        "Channels": "CH1, CH2",
        "Latency": "31 ms",
        "Jitter": "2.5 ms",
        "Filled": "0",
        "History": "12.3 s / 16 min",
        "Memory": "0.31 / 25.0 MB",
    }


def test_every_state_has_its_own_symbol_and_word_and_is_never_told_by_colour_alone() -> None:
    assert set(STATE_CHIPS) == set(AcquisitionState)
    words = [chip.word for chip in STATE_CHIPS.values()]
    assert len(set(words)) == len(words)
    assert all(chip.symbol for chip in STATE_CHIPS.values())


@pytest.mark.parametrize(
    ("rate_hz", "nominal_hz", "text"),
    [
        (998.0, 1000.0, "998 / 1000 S/s"),
        (1000.4, 1000.0, "1000 / 1000 S/s"),
        (9.96, 10.0, "10.0 / 10 S/s"),
        (0.2, 0.25, "0.20 / 0.25 S/s"),
        (9_900.0, 10_000.0, "9.9 / 10 kS/s"),
        (99_000.0, 100_000.0, "99 / 100 kS/s"),
        (948_000.0, 1_000_000.0, "948 / 1000 kS/s"),
        (0.0, 500.0, "– / 500 S/s"),
    ],
)
def test_a_rate_stands_against_the_nominal_one_in_the_same_unit(rate_hz: float, nominal_hz: float, text: str) -> None:
    assert rate_against(rate_hz, nominal_hz) == text


@pytest.mark.parametrize(
    ("stream", "info", "expected"),
    [
        ({"rate_hz": 951.0}, {}, ("951 / 1000 S/s", Tone.PLAIN)),
        ({"rate_hz": 949.0}, {}, ("▼ 949 / 1000 S/s", Tone.WARN)),
        ({"rate_hz": 0.0}, {}, ("– / 1000 S/s", Tone.MUTED)),  # just begun: nothing could be measured yet
        ({"rate_hz": 0.0, "is_old": True}, {}, ("▼ – / 1000 S/s", Tone.WARN)),
        ({"rate_hz": 0.0, "is_old": True}, {"state": State.PAUSED}, ("– / 1000 S/s", Tone.MUTED)),
        ({"rate_hz": 250.0}, {"sample_rate_hz": 0.0}, ("250 S/s", Tone.PLAIN)),
    ],
)
def test_a_rate_below_95_percent_is_marked_while_samples_are_due(
    stream: dict[str, Any], info: dict[str, Any], expected: tuple[str, Tone]
) -> None:
    assert rate_cell(line(stream, info)) == expected


def test_what_runs_on_a_server_out_of_reach_is_not_said_to_run() -> None:
    away = line({"state": StreamState.WAITING, "is_old": True, "age_ms": 9000.0})
    assert state_chip(away) == Chip("◇", "offline", Tone.BAD)
    assert texts(row_of(away, DEVICES))["By"] == "–"
    assert state_chip(line({"state": StreamState.WAITING}, {"state": State.STOPPED})).word == "stopped"


def test_latency_and_jitter_are_of_what_comes() -> None:
    assert latency_cell(line(info={"state": State.STOPPED})) == ("–", Tone.MUTED)
    assert latency_cell(line({"is_old": True, "age_ms": 61_000.0})) == ("1 min", Tone.BAD)
    assert jitter_cell(line(jitter_ms=None)) == ("–", Tone.MUTED)
    assert jitter_cell(line(jitter_ms=51.0)) == ("▲ 51.0 ms", Tone.WARN)
    assert jitter_cell(line(jitter_ms=1500.0)) == ("▲ 1.5 s", Tone.WARN)


def test_losses_have_a_mark_as_well_as_a_colour() -> None:
    row = row_of(line({"lost": 1500}, backfilled=250), {})
    assert (texts(row)["Lost"], texts(row)["Filled"], texts(row)["Device"]) == ("▲ 1.50 k", "250", "eq_1")


def test_history_without_a_rate_is_told_in_samples() -> None:
    assert history_cell(line(info={"sample_rate_hz": 0.0})) == "12.3 k / 1.00 M S"


def test_rows_are_made_when_they_are_asked_for_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def counted(each: Any, devices: Any) -> Any:
        made.append(each)
        return row_of(each, devices)

    monkeypatch.setattr(acquisition_rows, "row_of", counted)
    rows = acquisition_rows.rows([line({"stream": f"s{n}"}) for n in range(500)], DEVICES)
    assert len(rows) == 500
    assert [row.key for row in rows[10:13]] == ["s10", "s11", "s12"]
    assert rows[11] is rows[11]
    assert len(made) == 3
    assert not acquisition_rows.rows()


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        (State.IDLE, {"start", "delete"}),
        (State.WAITING_TRIGGER, {"stop", "delete"}),
        (State.ACQUIRING, {"pause", "stop", "delete"}),
        (State.PAUSED, {"resume", "stop", "delete"}),
        (State.STOPPED, {"start", "delete"}),
        (State.ERROR, {"start", "delete"}),
        (State.UNKNOWN, {"start", "pause", "resume", "stop", "delete"}),
    ],
)
def test_only_what_makes_sense_can_be_done(state: AcquisitionState, allowed: set[str]) -> None:
    orders = ("start", "pause", "resume", "stop", "delete")
    each = line(info={"state": state})
    assert {order for order in orders if is_allowed(order, each, True)} == allowed
    assert not [order for order in (*orders, "export") if is_allowed(order, each, False)], "nobody can be asked"


def test_export_wants_samples_on_the_server_and_show_wants_samples_here() -> None:
    assert is_allowed("export", line(), True)
    assert not is_allowed("export", line(total=0), True)
    assert is_allowed("show", line(), False)
    assert not is_allowed("show", line({"received": 0}), True)
    assert not is_allowed("show", None, True)


def test_the_sum_counts_states_and_adds_up_the_rest() -> None:
    lines = [
        line(),
        line({"lost": 7, "rate_hz": 0.0}, {"state": State.IDLE}),
        line({"state": StreamState.WAITING, "rate_hz": 0.0}, backfilled=30),
    ]
    assert totals(lines) == (
        "3 acquisitions: 1 idle, 1 acquiring, 1 offline · 2.00 kS/s · lost 7 · filled 30 · history 0.92 of 75.0 MB"
    )
    assert totals(lines[:1]).startswith("1 acquisition: 1 acquiring · ")
    assert totals([]) == "no acquisitions"


def told(**changes: Any) -> dict[str, str]:
    rows = details(line(**changes), DEVICES, has_others=True)
    return {row.cells[0].text: row.cells[1].text for row in rows}


def test_details_say_what_the_server_says_and_why_nothing_comes_over_the_websocket() -> None:
    info = {
        "created_at": "2026-11-23T00:00:30.181589",
        "started_at": "2026-11-23T00:00:31",
        "stopped_at": "2026-11-23T00:00:39.5",
        "mode": "single_shot",
        "num_samples": 700,
        "state": State.STOPPED,
        "actual_rate_hz": 991.0,
        "overruns": 3,
        "trigger": {"trigger_type": "edge", "channel": "CH1", "edge": "rising", "level": 0.5, "pre_trigger_samples": 9},
    }
    rows = told(stream={"note": "requested, but nothing comes"}, info=info)
    assert rows["Server"] == "lab:8000"
    assert (rows["Created"], rows["Started"], rows["Stopped"]) == (
        "2026-11-23 00:00:30",
        "2026-11-23 00:00:31",
        "2026-11-23 00:00:39",
    )
    assert rows["Mode"] == "single shot, 700 samples"
    assert rows["Trigger"] == "edge of CH1, rising, at 0.5, 9 samples before"
    assert rows["Why"] == "▲ requested, but nothing comes"
    assert rows["Its buffer"] == "10000 samples, 10 s"
    assert rows["Server's rate"] == "991 / 1000 S/s"
    assert rows["Overruns"] == "▲ 3 of its buffer"
    assert rows["On the server"] == "12 345 samples a channel"
    assert "Why" not in told()
    assert told(info={**info, "state": State.ACQUIRING})["Stopped"] == "–", "that was the run before"


@pytest.mark.parametrize(
    ("trigger", "text"),
    [
        ({}, "none: at once"),
        ({"trigger_type": "immediate", "level": 3}, "none: at once"),
        ({"trigger_type": 7}, "none: at once"),
        ({"trigger_type": "external"}, "external"),
        ({"trigger_type": "level", "level": "high", "pre_trigger_samples": None}, "level"),
    ],
)
def test_a_trigger_is_told_whatever_it_holds(trigger: dict[str, object], text: str) -> None:
    assert trigger_words(trigger) == text


def test_an_unknown_mode_is_a_dash() -> None:
    assert mode_words(INFO) == "–"

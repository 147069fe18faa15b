"""The table of statistics: a column a server, their sum, and what is wrong in a colour."""

from __future__ import annotations

from lablink_dpg.gui import figures
from lablink_dpg.gui.figures import DASH, MAX_REASONS, SUM, Row
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.statistics import MAX_ROWS
from lablink_dpg.link.errors import Cause
from lablink_dpg.model.link import LinkCounters, LinkState, LinkStatus, Mode, StreamState, StreamStatus
from lablink_dpg.query.frame import ServerLine

NOW_US = 100_000_000


def server(name: str = "a", state: LinkState = LinkState.STREAMING, lost: int = 0, **counters: object) -> ServerLine:
    streams = {
        "one": StreamStatus(StreamState.STREAMING, 50, 100),
        "two": StreamStatus(StreamState.POLLED, 50, 100),
        "three": StreamStatus(StreamState.SILENT, 50, 100),
    }
    status = LinkStatus(
        name,
        Mode.HYBRID,
        state,
        since_us=NOW_US - 65_000_000,
        server_version="1.2.5",
        streams=streams,
        counters=LinkCounters(**counters),  # type: ignore[arg-type]
    )
    return ServerLine(status, 1500.0, 2000, lost, 10, 31.0, None, 0)


def row(rows: list[Row], name: str) -> tuple[str, ...]:
    (found,) = [each for each in rows if each.name == name]
    return tuple(cell.text for cell in found.cells)


def test_one_server_has_one_column_and_no_sum() -> None:
    assert figures.columns([server()]) == ("a",)
    rows = figures.rows([server(messages=1234)], NOW_US)
    assert all(len(each.cells) == 1 for each in rows)
    assert row(rows, "state") == ("● connected",)
    assert row(rows, "… for") == ("1 min 05 s",)
    assert row(rows, "streams that come") == ("2",)
    assert row(rows, "… of them polled") == ("1",)
    assert row(rows, "streams known") == ("3",)
    assert row(rows, "messages") == ("1.23 k",)
    assert row(rows, "latency, median") == ("31 ms",)
    assert row(rows, "latency, p99") == ("– ms",)


def test_several_servers_have_their_sum_where_one_makes_sense() -> None:
    servers = [server(messages=100, bytes=1000), server("b", LinkState.WAITING, lost=5, messages=23, reconnects=2)]
    assert figures.columns(servers) == ("a", "b", SUM)
    rows = figures.rows(servers, NOW_US)
    assert all(len(each.cells) == 3 for each in rows)
    assert row(rows, "messages") == ("100", "23", "123")
    assert row(rows, "samples lost") == ("0", "5", "5")
    assert row(rows, "reconnects") == ("0", "2", "2")
    assert row(rows, "samples a second") == ("1.50 kS/s", "1.50 kS/s", "3.00 kS/s")
    assert row(rows, "state") == ("● connected", "▲ unreachable", "▲ 1 of 2 up")
    assert row(rows, "mode") == ("hybrid", "hybrid", "")
    assert row(rows, "wire") == ("–", "–", "")


def test_what_is_wrong_is_toned_and_what_is_not_is_plain() -> None:
    rows = figures.rows([server(lost=3, rest_errors=1)], NOW_US)
    tones = {each.name: each.cells[0].tone for each in rows}
    assert tones["samples lost"] is Tone.BAD
    assert tones["REST errors"] is Tone.WARN
    assert tones["reconnects"] is Tone.PLAIN


def test_the_time_of_a_link_is_told_by_its_states() -> None:
    spent = {LinkState.STREAMING: 3700.0, LinkState.CONNECTING: 2.4, LinkState.WAITING: 65.0, LinkState.IDLE: 9.0}
    servers = [server(state_s=spent, active_streams=2), server("b", state_s={LinkState.POLLING: 12.0})]
    rows = figures.rows(servers, NOW_US)
    assert row(rows, "time connected") == ("1 h 01 min", DASH, "")
    assert row(rows, "… polling") == (DASH, "12 s", "")
    assert row(rows, "… connecting") == ("2 s", DASH, "")
    assert row(rows, "… unreachable") == ("1 min 05 s", DASH, "")
    assert row(rows, "active by WebSocket") == ("2", "0", "2")


def test_errors_of_rest_are_listed_by_reason_below_their_number() -> None:
    errors = {"rest_errors": 3, "rest_errors_by_reason": {"timeout": 2, "status": 1}}
    names = [each.name for each in figures.rows([server(**errors)], NOW_US)]
    first = names.index("REST errors")
    assert names[first : first + 3] == ["REST errors", "… timeout", "… status"]


def test_reasons_are_listed_most_frequent_first_and_are_bounded() -> None:
    reasons = {f"reason {number:02}": number for number in range(1, 21)}
    servers = [server(invalid_by_reason=reasons), server("b", invalid_by_reason={"reason 01": 100})]
    rows = figures.rows(servers, NOW_US)
    listed = [each.name for each in rows if each.name.startswith("… reason")]
    assert listed == ["… reason 01", *(f"… reason {number}" for number in range(20, 20 - MAX_REASONS + 1, -1))]
    assert row(rows, "… reason 01") == ("1", "100", "101")
    assert len(rows) + len(Cause) <= MAX_ROWS, "or the page would leave some out"

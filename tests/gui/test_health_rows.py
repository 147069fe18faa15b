"""Health in words, without a window."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lablink_dpg.books.lab import LabBook
from lablink_dpg.gui import health_rows
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.panel import Badge
from lablink_dpg.link import diagnostics_calls
from lablink_dpg.model.equipment import EquipmentInfo
from lablink_dpg.model.health import Benchmark, Health, HealthStatus, SystemFigure
from lablink_dpg.model.link import LinkState, LinkStatus, Mode
from lablink_dpg.model.topic import Topic, TopicAnswer, TopicProblem, TopicStatus

NOW_US = 1_000_000_000_000
MINUTE_US = 60_000_000
SERVER = "lab:8000"
LINK = LinkStatus(SERVER, Mode.HYBRID, equipment=(EquipmentInfo("a", "psu", "Mock", "PSU 3"),))
ILL = Health(
    "a",
    HealthStatus.CRITICAL,
    20.0,
    NOW_US - 12_000_000,
    {"connection": "fail", "performance": "pass", "functionality": "purple"},
    issues=("Equipment is disconnected",),
    recommendations=("Check power",),
    last_error="no answer",
    uptime_s=64.0,
    tests_passed=0,
    tests_failed=3,
    failures=("identification: no answer",),
)
RUN = Benchmark("a", "b", 1.0, "done", NOW_US - 5_000_000, 96.0, {"*IDN?": 2.375, "*OPC?": None}, 417.0)


def book(*reports: Health) -> LabBook:
    book = LabBook(SERVER)
    book.take_list(TopicAnswer(Topic.HEALTH, reports, NOW_US))
    return book


def facts(book: LabBook) -> dict[str, str]:
    (device,) = health_rows.devices([book], [LINK])
    return {fact.name: fact.text for fact in health_rows.facts(device, book, NOW_US)}


def test_every_status_has_its_own_symbol_and_word() -> None:
    assert set(health_rows.CHIPS) == set(HealthStatus)
    assert len({chip.symbol for chip in health_rows.CHIPS.values()}) == len(HealthStatus)
    assert len({chip.word for chip in health_rows.CHIPS.values()}) == len(HealthStatus)


def test_the_gravest_come_first() -> None:
    reports = [Health(status.value, status, 50.0, NOW_US) for status in HealthStatus]
    found = health_rows.devices([book(*reports)], [])
    assert [device.report.status.value for device in found] == [
        *("offline", "critical", "warning", "degraded", "healthy", "unknown")
    ]
    assert len({device.key for device in found}) == len(HealthStatus)


def test_a_row_says_status_name_score_and_issues() -> None:
    (device,) = health_rows.devices([book(ILL)], [LINK])
    row = health_rows.row(device, NOW_US)
    assert [cell.text for cell in row.cells] == ["■ critical", "PSU 3", "20", "→", "1"]
    assert row.tip == "PSU 3 (a) on lab:8000"
    (device,) = health_rows.devices([book(Health("x", HealthStatus.UNKNOWN, None, NOW_US))], [LINK])
    assert [cell.text for cell in health_rows.row(device, NOW_US).cells] == ["○ unknown", "x", "–", "–", "0"]


@pytest.mark.parametrize(
    ("trend", "arrow"),
    [
        ([], "–"),
        ([(NOW_US - MINUTE_US, 80.0)], "→"),
        ([(NOW_US - MINUTE_US, 80.0), (NOW_US, 78.0)], "→"),
        ([(NOW_US - MINUTE_US, 80.0), (NOW_US, 20.0)], "↘ −60"),
        ([(NOW_US - MINUTE_US, 80.0), (NOW_US, 90.0)], "↗ +10"),
        ([(NOW_US - 9 * MINUTE_US, 80.0), (NOW_US - 8 * MINUTE_US, 20.0), (NOW_US, 20.0)], "→"),
    ],
)
def test_the_arrow_compares_with_some_minutes_ago(trend: list[tuple[int, float]], arrow: str) -> None:
    assert health_rows.direction(trend, NOW_US)[0] == arrow


def test_the_badge_counts_those_that_are_not_healthy() -> None:
    warning = replace(ILL, equipment_id="b", status=HealthStatus.WARNING)
    good = replace(ILL, equipment_id="c", status=HealthStatus.HEALTHY)
    assert health_rows.badge([book(good)]) is None
    assert health_rows.badge([book(good, warning)]) == Badge("▲ 1", Tone.WARN)
    assert health_rows.badge([book(good, warning), book(ILL)]) == Badge("■ 2", Tone.BAD)


def test_all_there_is_to_say_of_a_device() -> None:
    said = facts(book(ILL))
    assert said["score"] == "20 of 100   →"
    assert said["issue"] == "▲ Equipment is disconnected"
    assert said["advice"] == "→ Check power"
    assert (said["connection"], said["performance"], said["functionality"]) == ("■ fail", "✓ pass", "○ purple")
    assert said["self-tests"] == "0 passed, 3 failed"
    assert said["last error"] == "no answer"
    assert said["connected"] == "for 1 min 04 s"
    assert said["report"] == "12 s ago"


def test_the_last_score_that_was_another_one_is_told() -> None:
    told = book(replace(ILL, score=90.0, status=HealthStatus.HEALTHY))
    told.take_list(TopicAnswer(Topic.HEALTH, (ILL,), NOW_US))
    assert facts(told)["score"].startswith("20 of 100, was 90")


def test_a_benchmark_is_told_by_command_and_what_did_not_answer_by_a_word() -> None:
    told = book(ILL)
    told.health.take_answer("a", RUN, "", NOW_US)
    said = facts(told)
    assert said["benchmark"] == "score 96, 417 commands/s, 1 of 2 without an answer, 5 s ago"
    assert (said["… *IDN?"], said["… *OPC?"]) == ("2.38 ms", "▲ no answer")
    told.health.ordered("a", NOW_US)
    told.health.take_answer("a", None, "no answer within 120 s", NOW_US)
    said = facts(told)
    assert said["benchmark"] == "▲ no answer within 120 s, 0 s ago"
    assert said["… before"].startswith("score 96")


def test_the_bar_of_a_benchmark() -> None:
    running = Benchmark("a", "b", 0.4, "*OPC?", NOW_US)
    assert health_rows.bar((), NOW_US) == health_rows.Bar(0.0, "no benchmark yet", False)
    assert health_rows.bar((running,), NOW_US) == health_rows.Bar(0.4, "40%   *OPC?", True)
    ordered = replace(running, benchmark_id="", progress=0.0)
    assert health_rows.bar((ordered,), NOW_US + 3_000_000) == health_rows.Bar(None, "asked for 3 s ago", True)
    lost = health_rows.bar((ordered,), NOW_US + health_rows.NO_ANSWER_US + 1)
    assert lost == health_rows.Bar(0.0, "▲ failed: no answer", False), "another one can be run"
    assert health_rows.NO_ANSWER_US > diagnostics_calls.BENCHMARK_TIMEOUT_S * 1e6
    assert health_rows.bar((RUN, running), NOW_US) == health_rows.Bar(1.0, "✓ done, score 96", False)
    failed = replace(running, problem="gone")
    assert health_rows.bar((failed,), NOW_US) == health_rows.Bar(0.0, "▲ failed", False)
    late = health_rows.bar((running,), NOW_US + 2 * health_rows.STALE_US)
    assert (late.is_running, late.text) == (False, "▲ 40%, no word for 1 min 00 s")


def test_the_servers_own_diagnostics_or_that_it_has_none() -> None:
    told = book(ILL)
    assert health_rows.system_facts(told) == []
    told.take_problem(TopicProblem(Topic.SYSTEM, "not available", NOW_US, is_absent=True))
    assert [fact.text for fact in health_rows.system_facts(told)] == [
        "■ its own diagnostics are not available on this server"
    ]
    told.take_list(TopicAnswer(Topic.SYSTEM, (SystemFigure("server cpu", "12 %"),), NOW_US))
    assert [(fact.name, fact.text) for fact in health_rows.system_facts(told)] == [("server cpu", "12 %")]


def test_a_trend_is_stairs_up_to_now() -> None:
    trend = [(NOW_US - 90_000_000, 100.0), (NOW_US - 30_000_000, 60.0)]
    assert health_rows.span_s(trend, NOW_US) == 300
    assert health_rows.stairs(trend, NOW_US, NOW_US, 300) == ([-90.0, -30.0, -30.0, 0.0], [100.0, 100.0, 60.0, 60.0])
    assert health_rows.stairs(trend, NOW_US, NOW_US, 60) == ([-60.0, -30.0, -30.0, 0.0], [100.0, 100.0, 60.0, 60.0])
    assert health_rows.stairs([], NOW_US, NOW_US, 60) == ([], [])
    assert health_rows.span_s([(0, 1.0)], NOW_US) == health_rows.SPANS_S[-1]
    assert [label for label, _ in health_rows.ticks(900)] == ["−15 min", "−7.5 min", "now"]


@pytest.mark.parametrize("length_s", health_rows.SPANS_S)
def test_the_labels_of_the_time_axis_say_where_they_are(length_s: int) -> None:
    unit_s = {"s": 1, "min": 60, "h": 3600}
    for label, at_s in health_rows.ticks(length_s)[:-1]:
        number, unit = label.removeprefix("−").split()
        assert -float(number) * unit_s[unit] == at_s


def test_a_trend_ends_where_the_last_report_came_while_nothing_more_can() -> None:
    trend = [(NOW_US - 50_000_000, 100.0), (NOW_US - 40_000_000, 60.0)]
    x, y = health_rows.stairs(trend, NOW_US - 30_000_000, NOW_US, 60)
    assert (x[-1], y[-1]) == (-30.0, 60.0)
    assert health_rows.stairs(trend, 0, NOW_US, 60)[0][-1] == -40.0
    device = health_rows.devices([book(replace(ILL, at_us=NOW_US - 35_000_000))], [LINK])[0]
    listed = TopicStatus(listed_us=NOW_US - 30_000_000)
    up = replace(LINK, state=LinkState.STREAMING)
    assert health_rows.known_until(device, listed, up, NOW_US) == NOW_US
    assert health_rows.known_until(device, replace(listed, problem="x"), up, NOW_US) == listed.listed_us
    for link in (replace(LINK, state=LinkState.WAITING), None):
        assert health_rows.known_until(device, listed, link, NOW_US) == listed.listed_us
        assert health_rows.known_until(device, TopicStatus(), link, NOW_US) == NOW_US - 35_000_000

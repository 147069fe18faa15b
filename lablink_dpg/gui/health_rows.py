"""Health as lines of text: devices, the gravest first; what is known of one; its benchmarks; its trend as a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lablink_dpg.books.health import HealthBook, Point
from lablink_dpg.books.lab import LabBook
from lablink_dpg.gui import words
from lablink_dpg.gui.device_names import device_names, name_of
from lablink_dpg.gui.facts import Fact
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.panel import Badge
from lablink_dpg.gui.panels.rows import Cell, Column, Row
from lablink_dpg.gui.states import Chip
from lablink_dpg.model.health import Benchmark, Health, HealthStatus
from lablink_dpg.model.link import LinkState, LinkStatus
from lablink_dpg.model.topic import Topic, TopicStatus

COLUMNS = (
    Column("Health", 108),
    Column("Device", 92, 1.0),
    Column("Score", 60, is_right=True),
    Column("Trend", 64),
    Column("Issues", 66, is_right=True),
)
CHIPS: Mapping[HealthStatus, Chip] = {
    HealthStatus.HEALTHY: Chip("✓", "healthy", Tone.GOOD),
    HealthStatus.DEGRADED: Chip("▼", "degraded", Tone.WARN),
    HealthStatus.WARNING: Chip("▲", "warning", Tone.WARN),
    HealthStatus.CRITICAL: Chip("■", "critical", Tone.BAD),
    HealthStatus.OFFLINE: Chip("◇", "offline", Tone.BAD),
    HealthStatus.UNKNOWN: Chip("○", "unknown", Tone.MUTED),
}
VERDICTS: Mapping[str, Chip] = {
    "pass": Chip("✓", "pass", Tone.GOOD),
    "warning": Chip("▲", "warning", Tone.WARN),
    "fail": Chip("■", "fail", Tone.BAD),
    "error": Chip("■", "error", Tone.BAD),
}
DASH = "–"
FULL_SCORE = 100.0
TREND_US = 300_000_000  # what the arrow compares with: five minutes ago
STEADY = 3.0  # points that a score may wander and be called steady
SPANS_S = (60, 300, 900, 1800, 3600, 3 * 3600, 12 * 3600)  # even; of the small plot; the first that holds what is known
NO_ANSWER_US = 150_000_000  # a benchmark has 120 s, and its order some more to get there
STALE_US = 30_000_000  # a run of which nothing was heard for so long may have died with its server


@dataclass(frozen=True, slots=True)
class Device:
    """One line."""

    server: str
    name: str
    report: Health
    book: HealthBook

    @property
    def trend(self) -> Sequence[Point]:
        return self.book.trend(self.report.equipment_id)

    @property
    def runs(self) -> tuple[Benchmark, ...]:
        return self.book.runs(self.report.equipment_id)

    @property
    def key(self) -> str:
        return f"{self.server} {self.report.equipment_id}"  # no server's name has a blank


def devices(books: Sequence[LabBook], links: Sequence[LinkStatus]) -> list[Device]:
    """All, the gravest first, then in the order of their servers' lists."""
    names = device_names(links)
    found = [
        Device(
            book.server,
            name_of(names, book.server, equipment_id),
            report,
            book.health,
        )
        for book in books
        for equipment_id, report in book.health.reports.items()
    ]
    return sorted(found, key=lambda device: -(device.report.status.rank or 0))


def row(device: Device, now_us: int) -> Row:
    report, chip = device.report, CHIPS[device.report.status]
    arrow, tone = direction(device.trend, now_us)
    issues = len(report.issues)
    return Row(
        device.key,
        (
            Cell(chip.text, chip.tone),
            Cell(device.name),
            Cell(_score(report.score), Tone.PLAIN if report.score is not None else Tone.MUTED),
            Cell(arrow, tone),
            Cell(str(issues), Tone.WARN if issues else Tone.MUTED),
        ),
        f"{device.name} ({report.equipment_id}) on {device.server}",
    )


def _score(score: float | None) -> str:
    return DASH if score is None else f"{score:.0f}"


def direction(trend: Sequence[Point], now_us: int) -> tuple[str, Tone]:
    """How the score has gone in the last minutes: an arrow and by how much."""
    if not trend:
        return DASH, Tone.MUTED
    earlier = [score for at_us, score in trend if at_us <= now_us - TREND_US]
    change = trend[-1][1] - (earlier[-1] if earlier else trend[0][1])
    if change >= STEADY:
        return f"↗ +{change:.0f}", Tone.GOOD
    if change <= -STEADY:
        return f"↘ {words.MINUS}{-change:.0f}", Tone.WARN
    return "→", Tone.MUTED


def badge(books: Sequence[LabBook]) -> Badge | None:
    """How many devices are not healthy, with the symbol of the gravest."""
    ill = [report.status for book in books for report in book.health.reports.values() if report.status.rank]
    if not ill:
        return None
    chip = CHIPS[max(ill, key=lambda status: status.rank or 0)]
    return Badge(f"{chip.symbol} {len(ill)}", chip.tone)


# -- one device ----------------------------------------------------------------------------------------------------


def facts(device: Device, book: LabBook | None, now_us: int) -> list[Fact]:
    """All there is to say of it, in the order in which a person asks for it."""
    report = device.report
    arrow, _ = direction(device.trend, now_us)
    previous = device.book.previous.get(report.equipment_id)
    was = f", was {_score(previous)}" if previous is not None else ""
    out = [Fact("score", f"{_score(report.score)} of 100{was}   {arrow}")]
    out += [Fact("issue", f"▲ {text}", Tone.WARN) for text in report.issues]
    out += [Fact("advice", f"→ {text}", Tone.INFO) for text in report.recommendations]
    for name, verdict in report.checks.items():
        chip = VERDICTS.get(verdict, Chip("○", verdict, Tone.MUTED))
        out.append(Fact(name, chip.text, chip.tone))
    out += _benchmark_facts(device.runs, now_us)
    if report.tests_passed is not None or report.tests_failed is not None:
        failed = report.tests_failed or 0
        said = f"{report.tests_passed or 0} passed, {failed} failed"
        out.append(Fact("self-tests", said, Tone.WARN if failed else Tone.PLAIN))
    out += [Fact("", f"■ {text}", Tone.WARN) for text in report.failures]
    if report.last_error:
        out.append(Fact("last error", report.last_error, Tone.WARN))
    if report.uptime_s is not None:
        out.append(Fact("connected", f"for {words.whole_duration(max(0.0, report.uptime_s))}"))
    out.append(Fact("report", f"{_ago(report.at_us, now_us)}"))
    out.append(Fact("device", f"{report.equipment_id} on {device.server}", Tone.MUTED))
    return out + (system_facts(book) if book is not None else [])


def system_facts(book: LabBook) -> list[Fact]:
    """What the server tells of itself, or that it cannot."""
    status = book.topic(Topic.SYSTEM)
    if status.is_absent:
        return [Fact("server", "■ its own diagnostics are not available on this server", Tone.MUTED)]
    if status.problem:
        return [Fact("server", f"▲ {status.problem}", Tone.WARN)]
    return [Fact(each.name, each.text) for each in book.health.system]


def _ago(at_us: int, now_us: int) -> str:
    return f"{words.short_duration(max(0, now_us - at_us) / 1e6)} ago"


def _benchmark_facts(runs: Sequence[Benchmark], now_us: int) -> list[Fact]:
    out: list[Fact] = []
    done = [run for run in runs if run.is_done]
    for index, run in enumerate(done):
        name = "benchmark" if index == 0 else "… before"
        if not run.has_result:
            out.append(Fact(name, f"▲ {run.problem or 'without a result'}, {_ago(run.at_us, now_us)}", Tone.WARN))
            continue
        out.append(Fact(name, f"{outcome(run)}, {_ago(run.at_us, now_us)}"))
        if index == 0:
            out += [_latency(command, latency_ms) for command, latency_ms in run.latency_ms.items()]
    return out


def _latency(command: str, latency_ms: float | None) -> Fact:
    if latency_ms is None:
        return Fact(f"… {command}", "▲ no answer", Tone.WARN)
    return Fact(f"… {command}", f"{latency_ms:.3g} ms")


def outcome(run: Benchmark) -> str:
    """A result in one line."""
    parts = [] if run.score is None else [f"score {run.score:.0f}"]
    if run.commands_per_s is not None:
        parts.append(f"{words.si(run.commands_per_s)} commands/s")
    unanswered = sum(latency_ms is None for latency_ms in run.latency_ms.values())
    if unanswered:
        parts.append(f"{unanswered} of {len(run.latency_ms)} without an answer")
    return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Bar:
    """Of the benchmark: ``share`` None while nothing is known of its progress."""

    share: float | None
    text: str
    is_running: bool


def bar(runs: Sequence[Benchmark], now_us: int) -> Bar:
    """How the newest benchmark stands."""
    if not runs:
        return Bar(0.0, "no benchmark yet", False)
    run = runs[0]
    if run.is_done:
        if not run.has_result:
            return Bar(0.0, "▲ failed", False)
        return Bar(1.0, "✓ done" if run.score is None else f"✓ done, score {run.score:.0f}", False)
    waited = words.whole_duration(max(0, now_us - run.at_us) / 1e6)
    if not run.benchmark_id:
        if now_us - run.at_us > NO_ANSWER_US:
            return Bar(0.0, "▲ failed: no answer", False)
        return Bar(None, f"asked for {waited} ago", True)
    if now_us - run.at_us > STALE_US:
        return Bar(run.progress, f"▲ {run.progress:.0%}, no word for {waited}", False)
    return Bar(run.progress, f"{run.progress:.0%}   {run.step}".rstrip(), True)


# -- the trend -----------------------------------------------------------------------------------------------------


def span_s(trend: Sequence[Point], now_us: int) -> int:
    """Length of the small plot's time axis."""
    known_s = (now_us - trend[0][0]) / 1e6 if trend else 0.0
    return next((span for span in SPANS_S if span >= known_s), SPANS_S[-1])


def known_until(device: Device, status: TopicStatus, link: LinkStatus | None, now_us: int) -> int:
    """Until when its score is known: now while the server can tell of it, else when the last report came."""
    is_up = link is not None and link.state in (LinkState.STREAMING, LinkState.POLLING)
    if is_up and not status.problem:
        return now_us
    return min(now_us, max(device.report.at_us, status.listed_us or 0, status.told_us or 0))


def stairs(trend: Sequence[Point], until_us: int, now_us: int, length_s: int) -> tuple[list[float], list[float]]:
    """x in seconds before now, y: a score holds until the next one, the last one until ``until_us``."""
    x: list[float] = []
    y: list[float] = []
    for at_us, score in trend:
        seconds = _before(at_us, now_us, length_s)
        if y:
            x.append(seconds)
            y.append(y[-1])
        x.append(seconds)
        y.append(score)
    if y:
        x.append(max(x[-1], _before(until_us, now_us, length_s)))
        y.append(y[-1])
    return x, y


def _before(at_us: int, now_us: int, length_s: int) -> float:
    return max(-float(length_s), min(0.0, (at_us - now_us) / 1e6))


def ticks(length_s: int) -> tuple[tuple[str, float], ...]:
    """Labels of the time axis."""
    return (
        *((f"{words.MINUS}{words.span(at_s * 1_000_000)}", -float(at_s)) for at_s in (length_s, length_s // 2)),
        ("now", 0.0),
    )

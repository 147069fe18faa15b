"""The statistics of a run as a table of short words: a row a figure, a column a server, and their sum."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from lablink_dpg.gui import states, words
from lablink_dpg.gui.palette import Tone
from lablink_dpg.model.link import LinkState, StreamState
from lablink_dpg.query.frame import ServerLine
from lablink_dpg.query.names import short_names

MAX_REASONS = 8  # rows of invalid messages by reason; what is rarer is in the report
SUM = "sum"
DASH = "–"
# Of a link's time: in which state it was spent. What is before the start and after the end is nobody's.
SPENT: dict[LinkState, str] = {
    LinkState.STREAMING: "time connected",
    LinkState.POLLING: "… polling",
    LinkState.CONNECTING: "… connecting",
    LinkState.WAITING: "… unreachable",
}


class Cell(NamedTuple):
    text: str
    tone: Tone = Tone.PLAIN


class Row(NamedTuple):
    name: str
    cells: tuple[Cell, ...]  # one a server; a last one for the sum where there are several
    tip: str = ""


def _counted(name: str, values: Sequence[int], tip: str = "", bad: Tone = Tone.PLAIN) -> Row:
    """A count a server; anything but zero is toned ``bad``."""
    shown = [*values, sum(values)] if len(values) > 1 else values
    return Row(name, tuple(Cell(words.count(value), bad if value else Tone.PLAIN) for value in shown), tip)


def _said(name: str, cells: Sequence[Cell], total: Cell | None = None, tip: str = "") -> Row:
    extra = (total or Cell(""),) if len(cells) > 1 else ()
    return Row(name, (*cells, *extra), tip)


def _duration(seconds: float) -> str:
    return words.whole_duration(seconds) if seconds >= 1 else DASH


def columns(servers: Sequence[ServerLine]) -> tuple[str, ...]:
    """Titles: one server by its whole name, several by short ones."""
    names = tuple(each.status.server for each in servers)
    return (*short_names(names).values(), SUM) if len(names) > 1 else names


def rows(servers: Sequence[ServerLine], now_us: int) -> list[Row]:
    """Everything there is to say of ``servers``, in the order in which a person asks for it."""
    links = [each.status for each in servers]
    counters = [link.counters for link in links]
    chips = [states.link_chip(link) for link in links]
    whole = states.links_chip(links)

    def counts(name: str, of: Callable[[int], int], tip: str = "", bad: Tone = Tone.PLAIN) -> Row:
        return _counted(name, [of(index) for index in range(len(servers))], tip, bad)

    return [
        _said("state", [Cell(chip.text, chip.tone) for chip in chips], Cell(whole.text, whole.tone)),
        _said("… for", [Cell(_duration((now_us - link.since_us) / 1e6)) for link in links]),
        _said("mode", [Cell(link.mode.value) for link in links]),
        _said(
            "wire",
            [Cell(states.WIRES[link.wire] if link.wire else DASH) for link in links],
            tip="how samples are written on the WebSocket",
        ),
        _said("server version", [Cell(link.server_version or DASH) for link in links]),
        counts(
            "streams that come",
            lambda i: sum(stream.state in states.COMING for stream in links[i].streams.values()),
            "by WebSocket or over REST",
        ),
        counts("… of them polled", lambda i: _in_state(servers[i], StreamState.POLLED), "over REST", Tone.INFO),
        counts("streams known", lambda i: len(links[i].streams)),
        counts("active by WebSocket", lambda i: counters[i].active_streams, "devices' readings included"),
        _said(
            "samples a second",
            [Cell(words.rate(each.rate_hz)) for each in servers],
            Cell(words.rate(sum(each.rate_hz for each in servers))),
            "of all channels",
        ),
        _said("latency, median", [Cell(words.latency(each.latency_p50_ms)) for each in servers], tip="since the start"),
        _said("latency, p99", [Cell(words.latency(each.latency_p99_ms)) for each in servers], tip="since the start"),
        counts("samples received", lambda i: servers[i].received),
        counts("samples lost", lambda i: servers[i].lost, "numbered by the server, never delivered", Tone.BAD),
        counts("samples fetched later", lambda i: servers[i].backfilled, "holes that were filled over REST"),
        counts("messages", lambda i: counters[i].messages),
        _said(
            "data",
            [Cell(words.si(each.bytes, "B")) for each in counters],
            Cell(words.si(sum(each.bytes for each in counters), "B")),
        ),
        counts("messages not usable", lambda i: counters[i].invalid_messages, bad=Tone.WARN),
        *_by_reason([each.invalid_by_reason for each in counters]),
        counts("REST errors", lambda i: counters[i].rest_errors, "calls that came to nothing", Tone.WARN),
        *_by_reason([each.rest_errors_by_reason for each in counters]),
        counts("reconnects", lambda i: counters[i].reconnects, bad=Tone.WARN),
        counts("fallbacks to REST", lambda i: counters[i].fallbacks, "no WebSocket while REST answered", Tone.WARN),
        counts("streams found silent", lambda i: counters[i].silent_streams, bad=Tone.WARN),
        counts("dead connections", lambda i: counters[i].zombies, "answered, and sent no data any more", Tone.WARN),
        counts("events dropped", lambda i: servers[i].dropped_events, "for want of room", Tone.WARN),
        *(_spent(name, [each.state_s.get(state, 0.0) for each in counters]) for state, name in SPENT.items()),
    ]


def _spent(name: str, seconds: Sequence[float]) -> Row:
    return _said(name, [Cell(_duration(each)) for each in seconds], tip="since the start, all times together")


def _in_state(server: ServerLine, wanted: StreamState) -> int:
    return sum(stream.state is wanted for stream in server.status.streams.values())


def _by_reason(parts: Sequence[Mapping[str, int]]) -> list[Row]:
    """The most frequent reasons, over all servers."""
    totals: dict[str, int] = {}
    for part in parts:
        for reason, count in part.items():
            totals[reason] = totals.get(reason, 0) + count
    chosen = sorted(totals, key=lambda reason: (-totals[reason], reason))[:MAX_REASONS]
    return [_counted(f"… {reason}", [part.get(reason, 0) for part in parts], bad=Tone.WARN) for reason in chosen]

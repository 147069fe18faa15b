"""States as a person reads them: by which way samples come, how old they are, how each link stands.

Symbols are chosen from those that the bundled font has; each state has its own symbol and its own word, because a
colour alone says nothing to many people.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from lablink_dpg.gui import words
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.words import ELLIPSIS
from lablink_dpg.model.link import LinkNeed, LinkState, LinkStatus, StreamState, Wire
from lablink_dpg.query.frame import StreamLine


class Chip(NamedTuple):
    """A state as it is shown."""

    symbol: str
    word: str
    tone: Tone

    @property
    def text(self) -> str:
        return f"{self.symbol} {self.word}"


STREAM_CHIPS: dict[StreamState, Chip] = {
    StreamState.STARTING: Chip("○", "starting", Tone.INFO),
    StreamState.STREAMING: Chip("●", "WS", Tone.GOOD),
    StreamState.POLLED: Chip("◆", "REST", Tone.INFO),
    StreamState.SILENT: Chip("▲", "silent", Tone.BAD),
    StreamState.PAUSED: Chip("‖", "paused", Tone.WARN),
    StreamState.STOPPED: Chip("■", "stopped", Tone.MUTED),
    StreamState.WAITING: Chip("◇", "offline", Tone.BAD),
    StreamState.UNPOLLED: Chip("▽", "no REST", Tone.WARN),
    StreamState.GONE: Chip("△", "gone", Tone.BAD),
}
UNKNOWN_STREAM = Chip("○", "unknown", Tone.MUTED)
STALLED_STREAM = Chip("▼", "stalled", Tone.BAD)  # said to come by one way or the other, and does not
# What is said over a plot whose samples are old. The age follows.
OLD: dict[StreamState, Chip] = {
    StreamState.STARTING: Chip("○", "requested, no data for", Tone.WARN),
    StreamState.STREAMING: Chip("▼", "no data by WS for", Tone.BAD),
    StreamState.POLLED: Chip("▼", "no data over REST for", Tone.BAD),
    StreamState.SILENT: Chip("▲", "silent for", Tone.BAD),
    StreamState.PAUSED: Chip("‖", "paused for", Tone.WARN),
    StreamState.STOPPED: Chip("■", "stopped for", Tone.MUTED),
    StreamState.WAITING: Chip("◇", "no connection for", Tone.BAD),
    StreamState.UNPOLLED: Chip("▽", "no values over REST for", Tone.WARN),
    StreamState.GONE: Chip("△", "device not connected for", Tone.BAD),
}
OLD_UNKNOWN = Chip("○", "no data for", Tone.WARN)
COMING = (StreamState.STREAMING, StreamState.POLLED)

LINK_CHIPS: dict[LinkState, Chip] = {
    LinkState.IDLE: Chip("○", "not started", Tone.MUTED),
    LinkState.CONNECTING: Chip("○", "connecting", Tone.INFO),
    LinkState.STREAMING: Chip("●", "connected", Tone.GOOD),
    LinkState.POLLING: Chip("◆", "polling", Tone.INFO),
    LinkState.WAITING: Chip("▲", "unreachable", Tone.BAD),
    LinkState.CLOSED: Chip("■", "closed", Tone.MUTED),
}
# Instead of the state's own, where a link stands still until a person acts.
NEED_CHIPS: dict[LinkNeed, Chip] = {
    LinkNeed.PASSWORD: Chip("▲", "login needed", Tone.WARN),
    LinkNeed.TOKEN: Chip("▲", "token refused", Tone.BAD),
    LinkNeed.LOCKED: Chip("▲", "account locked", Tone.BAD),
}
UNLISTED = Chip("▲", "not listed", Tone.WARN)  # connected, and what there is to show is not known
TRANSPORTS: dict[LinkState, str] = {LinkState.STREAMING: "WebSocket", LinkState.POLLING: "REST polling"}
WIRES: dict[Wire, str] = {Wire.JSON: "JSON", Wire.TYPED: "typed"}
# The first of these that a link is in is the one that a person has to hear of.
CONCERN = (
    LinkState.WAITING,
    LinkState.CONNECTING,
    LinkState.IDLE,
    LinkState.CLOSED,
    LinkState.POLLING,
    LinkState.STREAMING,
)


def is_fresh(line: StreamLine) -> bool:
    """Whether samples come, now: what is not so is never called live."""
    return line.state in COMING and line.age_ms is not None and not line.is_old


def stream_chip(line: StreamLine) -> Chip:
    if line.state is None:
        return UNKNOWN_STREAM
    return STALLED_STREAM if line.is_old and line.state in COMING else STREAM_CHIPS[line.state]


def age_note(line: StreamLine) -> Chip | None:
    """What to write over a plot that could be taken for live and is not; None if it is."""
    if not line.is_old or line.age_ms is None:
        return None
    said = OLD_UNKNOWN if line.state is None else OLD[line.state]
    return said._replace(word=f"{said.word} {words.whole_duration(line.age_ms / 1000)}")


def lateness(line: StreamLine) -> tuple[str, Tone]:
    """Latency, or the age where nothing comes any more: one short number."""
    if line.is_old and line.age_ms is not None:
        is_ended = line.state in (StreamState.PAUSED, StreamState.STOPPED)
        return words.short_duration(line.age_ms / 1000), Tone.MUTED if is_ended else Tone.BAD
    return words.latency(line.latency_ms), words.latency_tone(line.latency_ms)


def no_samples(line: StreamLine) -> str:
    """Why a plot is empty."""
    if line.received > 0:
        return "no samples in this window"
    match line.state:
        case StreamState.PAUSED:
            return "paused before its first sample"
        case StreamState.STOPPED:
            return "stopped before its first sample"
        case StreamState.SILENT:
            return "the server sends nothing for this stream"
        case StreamState.WAITING:
            return "no connection"
        case StreamState.UNPOLLED:
            return "no values over REST"
        case StreamState.GONE:
            return "the device is not connected"
        case _:
            return "waiting for the first samples"


def stream_tip(line: StreamLine) -> str:
    """Everything about a stream, for the tooltip of its name."""
    note = age_note(line)
    return "\n".join(
        (
            line.name,
            f"{stream_chip(line).text} · {line.stream}",
            *((note.text,) if note is not None else ()),
            *((f"not over the WebSocket: {line.note}",) if line.note else ()),
            f"{words.rate(line.rate_hz)} a channel · channels {', '.join(line.channels)}",
            f"latency {words.latency(line.latency_ms)}",
            f"received {words.count(line.received)} · lost {words.count(line.lost)} channel samples",
            "click to select it for the overlay",
        )
    )


def retry_in(status: LinkStatus, now_us: int) -> str:
    """``next try in 4 s`` or nothing. Rounded up, so that it never says 0 while still waiting."""
    if status.next_retry_us is None:
        return ""
    left_s = math.ceil((status.next_retry_us - now_us) / 1_000_000)
    return f"next try in {left_s} s" if left_s > 0 else "trying now"


def link_chip(status: LinkStatus) -> Chip:
    """How one link stands, in red where nobody vouches for the server."""
    chip = LINK_CHIPS[status.state]
    if status.state not in TRANSPORTS:
        return NEED_CHIPS.get(status.needs, chip)
    return chip._replace(word="insecure", tone=Tone.BAD) if status.is_insecure else chip


def shown_name(status: LinkStatus, name: str) -> str:
    """A server's name beside others, where only a symbol tells its state."""
    return f"{name} (insecure)" if status.is_insecure else name


def link_sentence(status: LinkStatus, now_us: int) -> str:
    """Why the link is as it is and what happens next; never empty."""
    parts = [status.reason or LINK_CHIPS[status.state].word, retry_in(status, now_us)]
    if not status.reason and status.state in TRANSPORTS:
        polled = _polled(status) if status.state is LinkState.STREAMING else 0
        # The version matters less: the line may be cut, and the statistics have it.
        version = f"LabLink {status.server_version}" if status.server_version else ""
        others = f"{polled} of {len(status.streams)} over REST"
        by = f"by {TRANSPORTS[status.state]}" + (f", {WIRES[status.wire]}" if status.wire else "")
        parts = [by, others if polled else version]
        if polled and polled == len(status.streams):
            parts = ["WebSocket open", "all over REST"]
    if status.needs_why and status.needs_why not in status.reason:
        parts.append(status.needs_why)
    if status.is_insecure:  # first where samples come: the end of the line may be cut
        parts.insert(0 if status.state in TRANSPORTS else len(parts), "certificate not verified")
    return ", ".join(part for part in parts if part)


def _polled(status: LinkStatus) -> int:
    """How many streams come over REST."""
    return sum(stream.state is StreamState.POLLED for stream in status.streams.values())


def by_concern(links: Sequence[LinkStatus]) -> list[LinkStatus]:
    """Those in trouble first; otherwise in their order."""
    return sorted(links, key=lambda link: CONCERN.index(link.state))


def links_chip(links: Sequence[LinkStatus]) -> Chip:
    """All links in one word: that of the only one, or how many are up."""
    if len(links) == 1:
        chip = link_chip(links[0])  # where transport() says that it is insecure, the state is said here
        return chip._replace(word=LINK_CHIPS[links[0].state].word) if chip.word == "insecure" else chip
    if not links:
        return LINK_CHIPS[LinkState.IDLE]
    up = sum(link.state in TRANSPORTS for link in links)
    worst = link_chip(by_concern(links)[0])
    if any(link.is_insecure for link in links):
        worst = worst._replace(tone=Tone.BAD)
    return worst._replace(word=f"{len(links)} connected" if up == len(links) else f"{up} of {len(links)} up")


def transport(links: Sequence[LinkStatus]) -> tuple[str, Tone]:
    """By which way samples come from those that are up; above all, whether somebody vouches for who sends them."""
    if any(link.is_insecure for link in links):
        return "▲ insecure", Tone.BAD
    used = {TRANSPORTS[link.state] for link in links if link.state in TRANSPORTS}
    if any(_polled(link) for link in links):
        used.add(TRANSPORTS[LinkState.POLLING])
    return "WS + REST" if len(used) > 1 else next(iter(used), "no transport"), Tone.MUTED


def empty_page(links: Sequence[LinkStatus], now_us: int) -> tuple[Chip, str, str, str]:
    """Symbol, title, explanation and what to do, for a window that has no stream to show."""
    if not links:
        return (
            LINK_CHIPS[LinkState.IDLE],
            "No server",
            "No LabLink server was given.",
            "Start lablink-dpg with a server: lablink-dpg HOST:PORT",
        )
    status = by_concern(links)[0]
    chip = link_chip(status)
    retry = retry_in(status, now_us)
    match status.state:
        case LinkState.IDLE | LinkState.CONNECTING:
            title = f"Connecting to {status.server}{ELLIPSIS}"
            return chip, title, status.reason or "Asking for its acquisitions.", retry
        case LinkState.WAITING if status.needs is not LinkNeed.NOTHING:
            return chip, f"{status.server} waits for you", link_sentence(status, now_us), "Press U to log in."
        case LinkState.WAITING:
            title = f"No connection to {status.server}"
            return chip, title, status.reason or "Nothing is listening there, or the network is down.", retry
        case LinkState.CLOSED:
            return (
                chip,
                "Connection closed",
                status.reason or "The link was ended.",
                "Start lablink-dpg again to connect.",
            )
        case LinkState.STREAMING | LinkState.POLLING if unlisted := [link for link in links if link.no_acquisitions]:
            whose = unlisted[0]
            return (
                UNLISTED,
                f"Acquisitions{f' of {whose.server}' if len(links) > 1 else ''} not known",
                f"Their list {whose.no_acquisitions}.",
                "It is asked for again and again.",
            )
        case LinkState.STREAMING | LinkState.POLLING:
            who = status.server if len(links) == 1 else f"None of {len(links)} servers"
            title = f"{who} has {'no ' if len(links) == 1 else ''}running acquisitions"
            return (
                chip,
                title,
                "Connected and waiting.",
                "Start one on the server, or here: Ctrl+2. It appears by itself.",
            )

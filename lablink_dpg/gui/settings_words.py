"""What the panel of connection and settings says and understands: texts from states, values from what was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lablink_dpg.gui import states, words
from lablink_dpg.gui.palette import Tone
from lablink_dpg.model.link import LinkEvent, LinkNeed, LinkStatus
from lablink_dpg.preferences import LinePalette, Preferences, Server, ThemeName
from lablink_dpg.query.frame import ServerLine

MAX_RECENT = 6  # buttons: more than that is a list to be searched
MAX_LOG_LINES = 8
THEMES = {"dark": ThemeName.DARK, "light": ThemeName.LIGHT}
PALETTES = {
    "colour-blind": LinePalette.COLOUR_BLIND,
    "vivid": LinePalette.VIVID,
    "high contrast": LinePalette.HIGH_CONTRAST,
}


class Block(NamedTuple):
    """One server as the panel tells of it."""

    title: str
    tone: Tone
    why: str
    login: str  # "" where there is nothing to say
    login_tone: Tone
    figures: tuple[str, str]  # a line each
    is_troubled: bool  # the figures have errors among them


def block(line: ServerLine, now_us: int) -> Block:
    status, counters = line.status, line.status.counters
    chip = states.link_chip(status)
    since = words.whole_duration(max(0, now_us - status.since_us) / 1e6)
    errors = counters.rest_errors + counters.invalid_messages
    figures = (
        f"for {since} · {_counted(counters.reconnects, 'reconnect')}",
        f"{_counted(counters.messages, 'message')}, {_errors(errors)} · {words.rate(line.rate_hz)}",
    )
    login, tone = _login(status)
    title = f"{chip.text} · {status.server}"
    return Block(title, chip.tone, states.link_sentence(status, now_us), login, tone, figures, errors > 0)


def _errors(errors: int) -> str:
    return f"{'▲ ' if errors else ''}{_counted(errors, 'error')}"


def _counted(number: int, noun: str) -> str:
    return f"{words.count(number)} {noun}{'' if number == 1 else 's'}"


def _login(status: LinkStatus) -> tuple[str, Tone]:
    match status.needs:
        case LinkNeed.NOTHING:
            return "", Tone.MUTED
        case LinkNeed.PASSWORD:
            return "▲ Not logged in: press U, or the button.", Tone.WARN
        case LinkNeed.TOKEN:
            return "▲ The token is refused.", Tone.BAD
        case LinkNeed.LOCKED:
            return "▲ The account is locked.", Tone.BAD


def recent(preferences: Preferences, watched: Sequence[Server]) -> tuple[Server, ...]:
    """Servers that a click connects: none that is watched already."""
    names = {each.address for each in watched}
    return tuple(each for each in preferences.recent_servers if each.address not in names)[:MAX_RECENT]


def recent_label(server: Server) -> str:
    return server.address if server.ws_port is None else f"{server.address}  (WebSocket {server.ws_port})"


def typed_server(address: str, ws_port: str, preferences: Preferences) -> Server:
    """Raises ValueError, in one line; whether the address is one is found out where it is watched."""
    if not address.strip():
        raise ValueError("write an address: host, host:port or a URL")
    return Server(address.strip(), typed_port(ws_port) or preferences.ws_port)


def typed_port(text: str) -> int | None:
    """Nothing is the port of REST."""
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65_535):
        raise ValueError(f"WebSocket port {text[:20]!r}: must be a whole number from 1 to 65535, or nothing")
    return int(text)


def typed_number(name: str, text: str) -> float | int:
    """Of the field ``name`` of Preferences; its range is checked where it is set. Raises ValueError, in one line."""
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        raise ValueError(f"{text.strip()[:20]!r} is not a number") from None
    if name == "font_scale":
        return value / 100
    if name == "history":
        if value != value or abs(value) > 1e12:  # NaN, or beyond any range
            raise ValueError(f"{text.strip()[:20]!r} is not a number of samples")
        return int(value)
    return value


def number(preferences: Preferences, name: str) -> str:
    """As the field of ``name`` shows it."""
    value = getattr(preferences, name)
    return f"{value * 100 if name == 'font_scale' else value:.10g}"


def log_lines(events: Sequence[LinkEvent], names: Mapping[str, str], time_of: Mapping[int, str]) -> list[str]:
    """The newest at the end. ``names``: of the servers watched, "" for the only one; ``time_of`` a second of Unix."""
    lines = []
    for event in events[-MAX_LOG_LINES:]:
        who = names.get(event.server, event.server)
        mark = "▲" if event.is_warning else "·"
        lines.append(f"{time_of.get(event.at_us // 1_000_000, '')} {mark} {who}{': ' if who else ''}{event.text}")
    return lines


def place_text(place: str) -> str:
    return f"Kept in {place}" if place else "Not kept: this run has no file of settings."

"""What a desktop is asked to show. Texts are of names and numbers that servers gave, cut and without markup."""

from __future__ import annotations

from dataclasses import dataclass

from lablink_dpg.model.alarm import AlarmEvent
from lablink_dpg.model.health import Health, HealthStatus

MAX_TEXT = 160  # characters of a line: more is cut by every desktop
MAX_NAME = 60
# Desktops may take a text for markup, with links and pictures in it, and a server may be asked to name an alarm so.
_HARMLESS = str.maketrans({"<": "‹", ">": "›"})


@dataclass(frozen=True, slots=True)
class Message:
    title: str
    text: str
    is_urgent: bool = False


def plain(text: str, length: int = MAX_TEXT) -> str:
    """One line that can be printed, cut to ``length``."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split()).translate(_HARMLESS)
    return line if len(line) <= length else line[: length - 1] + "…"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.6g}"


def of_alarm(server: str, event: AlarmEvent) -> Message:
    """Its own text is left out: the fields say the same, and a server can write anything into a text."""
    parts = []
    if event.parameter:
        limit = "" if event.threshold is None else f" (threshold {_number(event.threshold)})"
        parts.append(f"{plain(event.parameter, MAX_NAME)} {_number(event.value)}{limit}")
    if event.equipment_id:
        parts.append(plain(event.equipment_id, MAX_NAME))
    parts.append(plain(server, MAX_NAME))
    name = plain(event.name or event.alarm_id, MAX_NAME) or "alarm"
    return Message(f"{event.severity.value.capitalize()}: {name}", plain(" · ".join(parts)), is_urgent=True)


def of_health(server: str, health: Health) -> Message:
    points = "" if health.score is None else f"health score {_number(health.score)} of 100"
    issue = plain(health.issues[0], MAX_NAME) if health.issues else ""
    text = " · ".join(part for part in (points, issue, plain(server, MAX_NAME)) if part)
    title = f"Health {health.status.value}: {plain(health.equipment_id, MAX_NAME)}"
    return Message(title, plain(text), is_urgent=health.status in (HealthStatus.CRITICAL, HealthStatus.OFFLINE))

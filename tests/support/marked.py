"""Books full of alarms, for frames and windows that mark them."""

from __future__ import annotations

from collections.abc import Sequence

from lablink_dpg.books.alarms import AlarmBook
from lablink_dpg.model.alarm import AlarmEvent, AlarmRule, AlarmState, Severity

SEVERITIES = tuple(Severity)


class FilledBook(AlarmBook):
    """A book with just these events, those that are over newest first, as its own entries would leave it."""

    open: tuple[AlarmEvent, ...] = ()
    history: Sequence[AlarmEvent] = ()

    def __init__(self, *events: AlarmEvent, rules: Sequence[AlarmRule] = ()) -> None:
        super().__init__()
        self.rules = {rule.alarm_id: rule for rule in rules}
        self.fill(*events)

    def fill(self, *events: AlarmEvent) -> None:
        newest = sorted(events, key=lambda event: -event.triggered_us)
        self.open = tuple(event for event in newest if event.is_open)
        self.history = tuple(event for event in newest if not event.is_open)
        self.revision += 1


def alarm(
    number: int,
    at_us: int,
    cleared_us: int | None = None,
    *,
    severity: Severity = Severity.WARNING,
    equipment_id: str = "eq_0",
    threshold: float | None = None,
) -> AlarmEvent:
    state = AlarmState.ACTIVE if cleared_us is None else AlarmState.CLEARED
    name, message = f"Load current high {number}", f"Alarm {number}"
    return AlarmEvent(
        event_id=f"event_{number}",
        alarm_id=f"alarm_{number}",
        name=name,
        severity=severity,
        state=state,
        equipment_id=equipment_id,
        parameter="current",
        value=2.13,
        threshold=threshold,
        message=message,
        triggered_us=at_us,
        cleared_us=cleared_us,
    )


def many(count: int, left_us: int, right_us: int, equipment_id: str = "eq_0") -> list[AlarmEvent]:
    """``count`` alarms of all severities over a stretch of time; every tenth is still open."""
    step = (right_us - left_us) // (count + 1)
    return [
        alarm(
            number,
            left_us + (number + 1) * step,
            None if number % 10 == 9 else left_us + (number + 1) * step + step // 2 + number % 3 * step,
            severity=SEVERITIES[number % 4],
            equipment_id=equipment_id,
        )
        for number in range(count)
    ]

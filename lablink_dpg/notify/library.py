"""desktop-notifier as a backend: the one module that knows the library, imported when there is something to show.

The library logs what goes wrong, with a traceback each time, instead of raising it. Here it is raised.
"""

from __future__ import annotations

import logging

from desktop_notifier import DesktopNotifier, Notification, Urgency

from lablink_dpg.notify.message import Message

APP_NAME = "LabLink"
SHOWN_S = 10  # how long a message stays that is not urgent, where the desktop lets a program say so

_log = logging.getLogger("desktop_notifier")


class _Reasons(logging.Handler):
    """Keeps what the library would have logged."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._last: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self._last = error or RuntimeError(record.getMessage())

    def take(self) -> BaseException | None:
        last, self._last = self._last, None
        return last


class LibraryBackend:
    """For one thread with a running loop."""

    def __init__(self) -> None:
        self._notifier = DesktopNotifier(app_name=APP_NAME, app_icon=None)
        self._reasons = _Reasons()

    async def send(self, message: Message) -> None:
        """Raises what the library tells of instead of showing the message."""
        dispatched: list[bool] = []
        notification = Notification(
            message.title,
            message.text,
            urgency=Urgency.Critical if message.is_urgent else Urgency.Normal,
            timeout=-1 if message.is_urgent else SHOWN_S,
            on_dispatched=lambda: dispatched.append(True),
        )
        self._reasons.take()
        _log.addHandler(self._reasons)
        _log.propagate = False
        try:
            await self._notifier.send_notification(notification)
        finally:
            _log.removeHandler(self._reasons)
            _log.propagate = True
        if not dispatched:
            raise self._reasons.take() or RuntimeError("the library does not say why")

    def close(self) -> None:
        """Leave the message bus, where there is one: the library itself never does."""
        bus = getattr(self._notifier._backend, "bus", None)
        if bus is not None:
            bus.disconnect()

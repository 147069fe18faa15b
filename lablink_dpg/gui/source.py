"""What the window needs from the rest of the program, and nothing more; the application implements it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from lablink_dpg.books.lab import LabBook
from lablink_dpg.books.notices import Notices
from lablink_dpg.model.commands import Command
from lablink_dpg.model.link import LinkEvent, LinkStatus
from lablink_dpg.preferences import Preferences, Server
from lablink_dpg.query.frame import AcquisitionLine, Frame, ReadingLine, ServerLine, StreamLine
from lablink_dpg.query.view import View


class Source(Protocol):
    """Everything is called on the main thread and answers at once; nothing here waits for the network."""

    def now_us(self) -> int:
        """Unix time in µs that never jumps."""
        ...

    def news(self) -> int:
        """Another number than before if there is something else to show. Cheap: called more often than ``frame``."""
        ...

    def rest(self, seconds: float, *descriptors: int) -> None:
        """Sleep until there may be news, one of these file descriptors can be read, or the time is up."""
        ...

    def frame(self, view: View) -> Frame:
        """What to draw now. Its arrays hold until the next call. Called once a frame, timed as "prepare"."""
        ...

    def turn(self) -> AbstractContextManager[None]:
        """Held while a frame is prepared: other threads that compute wait that long."""
        ...

    def stream_lines(self) -> Sequence[StreamLine]:
        """Every stream known, in display order. Called a few times a second."""
        ...

    def reading_lines(self) -> Sequence[ReadingLine]:
        """Devices whose readings can be drawn. Called a few times a second, while some are drawn or dragged."""
        ...

    def acquisition_lines(self) -> Sequence[AcquisitionLine]:
        """Every acquisition known, in the same order. Called a few times a second, while somebody looks at them."""
        ...

    def history(self) -> int:
        """Samples a channel that are kept of each acquisition."""
        ...

    def links(self) -> Sequence[LinkStatus]:
        """One status a server. Called every frame."""
        ...

    def server_lines(self) -> Sequence[ServerLine]:
        """The figures of each server. Called a few times a second, while somebody looks at them."""
        ...

    def books(self) -> Sequence[LabBook]:
        """What each server has said of its lab, one a server, in the order of ``links``. Called every frame."""
        ...

    @property
    def notices(self) -> Notices:
        """Short messages for the person at the display."""
        ...

    def memory_mb(self) -> float: ...

    def total_rate(self) -> float:
        """Channel samples a second of all streams together."""
        ...

    def send(self, command: Command, server: str = "") -> None:
        """To the server of that name (as in ``LinkStatus``), or to all of them."""
        ...

    @property
    def preferences(self) -> Preferences:
        """What the person has chosen; another object after each change."""
        ...

    @property
    def preferences_place(self) -> str:
        """The file where they are kept, for a person; "" where they end with this run."""
        ...

    def change_preferences(self, preferences: Preferences) -> None:
        """Use these from now on, and keep them. Raises ValueError, in one line, for what cannot be used."""
        ...

    @property
    def watched(self) -> Sequence[Server]:
        """The servers, in the order of ``links``."""
        ...

    def watch_typed(self, servers: Sequence[Server]) -> None:
        """Watch these instead; those among them that are watched already are left alone.

        Raises ValueError, in one line, for what is no address; nothing is changed then.
        """
        ...

    def events(self) -> Sequence[LinkEvent]:
        """The links' log, newest last, bounded by its owner."""
        ...

    @property
    def dropped_events(self) -> int:
        """What happened and is in no log, for want of room."""
        ...

"""What every panel of a dock is, to the dock that shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from lablink_dpg.books.lab import LabBook
from lablink_dpg.gui.actions import Actions
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.source import Source
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item
from lablink_dpg.model.topic import Topic


class Badge(NamedTuple):
    """A few letters at a panel's button: how many of what."""

    text: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Desk:
    """What a panel is given once. Main thread."""

    theme: Theme
    source: Source
    actions: Actions


class DockPanel(Protocol):
    """Made when it is first opened, kept until the window closes. Its items are children of ``parent``."""

    def place(self, width: int, height: int) -> None:
        """The room inside its dock. Called every frame while it is shown; the same again must cost nothing."""
        ...

    def draw(self, now_us: int) -> None:
        """Called every frame while it is shown, and only then. It asks the source, and talks to the library only
        about what has changed."""
        ...

    @property
    def text_inputs(self) -> tuple[Item, ...]:
        """Fields that somebody may be writing into: keys then mean letters."""
        ...


@dataclass(frozen=True, slots=True)
class PanelKind:
    """One line of the table of panels."""

    title: str
    word: str  # under its symbol at the left edge
    symbol: str
    digit: int  # Ctrl and this opens it
    tip: str
    make: Callable[[Item, Desk], DockPanel]  # parent: a child window of its own, which scrolls if its owner wants
    badge: Callable[[Sequence[LabBook]], Badge | None] = lambda _: None  # asked a few times a second, open or not
    topics: tuple[Topic, ...] = ()  # that are asked for more often while it is shown

"""The bar at the bottom: how well it goes, in numbers that stand still; tooltips say what a bad one means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lablink_dpg.gui import layout, room, scale, states, words
from lablink_dpg.gui.label import Label, tooltip
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.gui.typefaces import SMALL_PX
from lablink_dpg.model.link import LinkStatus
from lablink_dpg.query.frame import StreamLine

PREPARE_BUDGET_MS = 8.0  # half of a frame at 60 fps
HINT = "F1 keys · Ctrl+K commands · wheel zoom · drag pan · End live"
HINT_PX = 410
LEFT_PX = 14


class Field(NamedTuple):
    name: str
    width: int  # at 100 %
    rank: int  # what gives way first, where not all fit, has the highest
    tip: str


FIELDS = (
    Field("link", 130, 0, "Connections to servers; what one is doing when it is not connected stands in the toolbar"),
    Field(
        "transport", 118, 5, "How samples come now. REST polling is slower and may miss samples of fast acquisitions"
    ),
    Field(
        "fps",
        84,
        3,
        "Pictures a second; idle while nothing changes. ▼: the machine is too slow for more; nothing is lost",
    ),
    Field("frame", 212, 8, "Time to find what to show, and to draw it. High draw: no GPU, or a very large window"),
    Field("rate", 118, 4, "Channel samples a second that arrive, all streams together"),
    Field("streams", 110, 6, "Acquisitions known to the server"),
    Field("lost", 112, 1, "Channel samples that the server numbered but never delivered; shaded in the plots"),
    Field("memory", 100, 7, "Memory of this program. It stops growing when every ring is full"),
    Field("invalid", 110, 2, "Messages from the server that could not be understood; the log says why"),
)


class Vitals(NamedTuple):
    """The window's own measurements."""

    fps: float
    wanted_fps: float
    prepare_ms: float
    draw_ms: float
    memory_mb: float
    total_rate_hz: float
    is_idle: bool = False  # few frames because nothing changes


class StatusBar:
    """Main thread."""

    def __init__(self, parent: Item, theme: Theme) -> None:
        self.window: Item = dpg.add_child_window(
            parent=parent,
            pos=(0, 0),
            height=px(layout.STATUS_PX),
            border=False,
            no_scrollbar=True,
            no_scroll_with_mouse=True,
        )
        dpg.bind_item_theme(self.window, theme.bar)
        self._labels: dict[str, Label] = {}
        for field in FIELDS:
            label = self._labels[field.name] = Label(self.window, theme.fonts.small)
            tooltip(label.item, theme, field.tip)
        self._hint = Label(self.window, theme.fonts.small, Tone.MUTED)
        self._hint.set(HINT, Tone.MUTED)
        self._size = (0, 0)

    def place(self, width: int, height: int) -> None:
        """``width`` × ``height`` of the window."""
        if (width, height) == self._size:
            return
        self._size = (width, height)
        dpg.configure_item(self.window, pos=(0, height - px(layout.STATUS_PX)), width=width)
        y = px((layout.STATUS_PX - SMALL_PX) // 2 - 1)
        widths = [field.width for field in FIELDS]
        places = room.fields(widths, [field.rank for field in FIELDS], width / scale.current() - LEFT_PX)
        for field, x in zip(FIELDS, places, strict=True):
            self._labels[field.name].show(x is not None)
            self._labels[field.name].place(px(LEFT_PX + (x or 0)), y)
        self._hint.show(width - px(HINT_PX) >= px(LEFT_PX + sum(widths)))
        self._hint.place(width - px(HINT_PX), y)

    def draw(self, links: Sequence[LinkStatus], lines: Sequence[StreamLine], vitals: Vitals) -> None:
        """Called a few times a second: numbers that change faster cannot be read."""
        chip = states.links_chip(links)
        self._set("link", chip.text, chip.tone)
        self._set("transport", *states.transport(links))
        is_measured = not vitals.is_idle and vitals.fps > 0  # else it would be news itself, of nothing
        if is_measured or vitals.is_idle:
            self._set("fps", *words.pace(vitals.fps, vitals.wanted_fps, vitals.is_idle))
        if is_measured:
            is_heavy = vitals.prepare_ms > PREPARE_BUDGET_MS
            text = f"frame {vitals.prepare_ms:.1f} + {vitals.draw_ms:.1f} ms"
            self._set("frame", f"▲ {text}" if is_heavy else text, Tone.WARN if is_heavy else Tone.PLAIN)
        self._set("rate", words.rate(vitals.total_rate_hz), Tone.PLAIN)
        self._set("streams", f"{len(lines)} stream" + ("" if len(lines) == 1 else "s"), Tone.PLAIN)
        lost = sum(line.lost for line in lines)
        self._set("lost", f"▲ {words.lost(lost)}" if lost else "lost 0", Tone.BAD if lost else Tone.PLAIN)
        self._set("memory", f"{vitals.memory_mb:.0f} MB", Tone.PLAIN)
        invalid = sum(link.counters.invalid_messages for link in links)
        text = f"invalid {words.count(invalid)}"
        self._set("invalid", f"▲ {text}" if invalid else text, Tone.WARN if invalid else Tone.PLAIN)

    def _set(self, name: str, text: str, tone: Tone) -> None:
        self._labels[name].set(text, tone)

"""Where samples come from, in two lines of the toolbar: how each server stands, and what the worst one is doing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lablink_dpg.gui import states
from lablink_dpg.gui.label import Label, text_width, tooltip
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.gui.typefaces import SMALL_PX
from lablink_dpg.model.link import LinkStatus
from lablink_dpg.query.names import short_names

MAX_SHOWN = 8  # as many as may be watched
GAP_PX = 16
MORE_PX = 34  # for "+5"
UPPER_Y, LOWER_Y = 9, 11 + SMALL_PX + 3


class ServersLine:
    """Main thread."""

    def __init__(self, parent: Item, theme: Theme) -> None:
        self._x = self._width = 0
        self._font = theme.fonts.small_bold
        self._names = [Label(parent, self._font) for _ in range(MAX_SHOWN)]
        self._more = Label(parent, self._font, Tone.MUTED)
        self._reason = Label(parent, theme.fonts.small, Tone.MUTED)
        self._full = tooltip(self._reason.item, theme)
        self._full_text = ""

    def place(self, x: int, width: int) -> None:
        """From ``x`` within ``width`` px; nothing is shown in none."""
        self._x, self._width = x, width
        self._reason.place(x, px(LOWER_Y))

    def draw(self, links: Sequence[LinkStatus], now_us: int) -> None:
        """Where not all servers fit, those in trouble come first."""
        width = self._width
        self._reason.show(width > 0)
        if not width:
            for label in (*self._names, self._more):
                label.show(False)
            return
        ordered = states.by_concern(links)
        told = self._draw_names(links, ordered, width)
        if not told:
            self._reason.set("", Tone.MUTED)
            return
        worst = ordered[0]
        who = f"{_short(links)[worst.server]}: " if len(links) > 1 else ""
        self._reason.set(who + states.link_sentence(worst, now_us), Tone.MUTED, width)
        full = "\n".join(f"{each.server}: {states.link_sentence(each, now_us)}" for each in links)
        if full != self._full_text:
            self._full_text = full
            dpg.set_value(self._full, full)

    def _draw_names(self, links: Sequence[LinkStatus], ordered: Sequence[LinkStatus], width: int) -> int:
        """How many were shown."""
        if len(links) <= 1:
            texts = [(states.link_chip(link), f" · {link.server}") for link in links]
            parts = [(chip.text + text, chip.tone) for chip, text in texts] or [("no server", Tone.MUTED)]
        else:
            names = _short(links)
            parts = self._named(links, names)
            if self._total_px(parts) > width:
                parts = self._named(ordered, names)
        x = self._x
        shown = 0
        for label, (text, tone) in zip(self._names, parts, strict=False):
            needed = int(text_width(text, self._font))
            room = self._x + width - x - (px(MORE_PX) if shown + 1 < len(parts) else 0)
            if shown and needed > room:
                break
            label.set(text, tone, max(px(40), room))
            label.place(x, px(UPPER_Y))
            label.show(True)
            x += needed + px(GAP_PX)
            shown += 1
        for label in self._names[shown:]:
            label.show(False)
        left = len(parts) - shown
        self._more.show(left > 0)
        self._more.set(f"+{left}", Tone.MUTED)
        self._more.place(x, px(UPPER_Y))
        return shown if links else 0

    def _named(self, links: Sequence[LinkStatus], names: Mapping[str, str]) -> list[tuple[str, Tone]]:
        chips = [states.link_chip(link) for link in links]
        shown = [states.shown_name(link, names[link.server]) for link in links]
        return [(f"{chip.symbol} {name}", chip.tone) for chip, name in zip(chips, shown, strict=True)]

    def _total_px(self, parts: Sequence[tuple[str, Tone]]) -> int:
        return sum(int(text_width(text, self._font)) + px(GAP_PX) for text, _ in parts) - px(GAP_PX)


def _short(links: Sequence[LinkStatus]) -> Mapping[str, str]:
    return short_names(tuple(link.server for link in links))

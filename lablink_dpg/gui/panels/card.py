"""One stream's card: a header line with its words, below it the plot. Cards are re-used as the grid scrolls."""

from __future__ import annotations

from lablink_dpg.gui import layout, palette, states, words
from lablink_dpg.gui.label import Label, Plate, tooltip
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.plot import PlotView
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.gui.typefaces import NUMBER_PX, SMALL_PX, TICK_PX
from lablink_dpg.query.frame import PlotFrame, StreamLine

MAX_CHANNELS = 8  # lines of one card: as many as there are colours to tell apart
TEXT_Y = (layout.HEADER_PX - NUMBER_PX) // 2 + 1
AGE_MARGIN_PX = 2  # between the note of age and the plot's edges
AGE_Y = layout.HEADER_PX + layout.PLOT_PAD_PX + AGE_MARGIN_PX
SELECTED_MARK, MARK = "◆", "●"


class Card:
    """Handles of one card. Main thread."""

    def __init__(self, parent: Item, theme: Theme) -> None:
        self._theme = theme
        self.window: Item = dpg.add_child_window(
            parent=parent,
            pos=(0, 0),
            width=50,
            height=50,
            border=True,
            no_scrollbar=True,
            no_scroll_with_mouse=True,
            show=False,
        )
        dpg.bind_item_theme(self.window, theme.card)
        fonts = theme.fonts
        self._mark = Label(self.window, fonts.number)
        self._name = Label(self.window, fonts.name)
        self._tip = tooltip(self._name.item, theme)
        self._tip_text = ""
        self._state = Label(self.window, fonts.number)
        self._rate = Label(self.window, fonts.number, Tone.MUTED)
        self._latency = Label(self.window, fonts.number, Tone.MUTED)
        self._lost = Label(self.window, fonts.number, Tone.MUTED)
        self.plot = PlotView(self.window, theme, is_large=False)
        self._hint = Label(self.window, fonts.small, Tone.MUTED)
        self._hint.show(False)
        self._age = Plate(self.window, theme)
        self._area = layout.Rect(0, 0, 0, 0)
        self._columns = layout.header_columns(0)
        self._plot_width = 1
        self._is_shown = False
        self._is_selected = False
        self._line: StreamLine | None = None  # whose words are shown …
        self._words_of: tuple[object, ...] = ()  # … and for what else

    def show(self, is_shown: bool) -> None:
        if is_shown != self._is_shown:
            self._is_shown = is_shown
            self.plot.forget()
            dpg.configure_item(self.window, show=is_shown)

    def place(self, area: layout.Rect, tick_px: int) -> None:
        """Put the card at ``area`` of the scrolled content."""
        if area == self._area:
            return
        if area[2:] != self._area[2:]:
            self._resize(area.width, area.height, tick_px)
        self._area = area
        dpg.configure_item(self.window, pos=(area.x, area.y), width=area.width, height=area.height)

    def _resize(self, width: int, height: int, tick_px: int) -> None:
        columns = self._columns = layout.header_columns(width)
        item = layout.plot_item(width, height)
        self._plot_width = layout.plot_area(item, tick_px).width
        self.plot.place(item)
        self._mark.place(px(10), px(TEXT_Y))
        self._name.place(columns.name, px(TEXT_Y))
        self._state.place(columns.state, px(TEXT_Y))
        for label, x in ((self._rate, columns.rate), (self._latency, columns.latency)):
            label.show(x is not None)
            label.place(x or 0, px(TEXT_Y))
        self._lost.place(columns.lost, px(TEXT_Y))

    def draw(self, index: int, line: StreamLine, plot: PlotFrame | None, is_selected: bool) -> None:
        """Show stream number ``index``; ``plot`` is None if this frame has no picture of it."""
        words_of = (index, is_selected, self._area)
        if line is not self._line or words_of != self._words_of:  # a line is made anew a few times a second
            self._line, self._words_of = line, words_of
            self._draw_header(index, line, is_selected)
            self._draw_age(line)
        has_samples = False
        if plot is not None:
            names = [trace.request.channel for trace in plot.traces]
            colours = [(index + position) % palette.LINES for position in range(len(names))]
            has_samples = self.plot.draw(plot, colours, names, self._plot_width)
        self._hint.show(not has_samples)
        if not has_samples:
            self._hint.set(states.no_samples(line), Tone.MUTED)
            middle = px(layout.HEADER_PX) + (self._area.height - px(layout.HEADER_PX)) // 2 - px(SMALL_PX)
            self._hint.centre(layout.y_label(px(TICK_PX)) // 2, self._area.width, middle)

    def _draw_age(self, line: StreamLine) -> None:
        """Over the plot: a line that stands still must not be taken for what is measured now."""
        note = states.age_note(line)
        if note is None:
            self._age.hide()
            return
        edge = self._area.width - px(layout.CARD_PAD_PX) - px(layout.PLOT_PAD_PX) - px(AGE_MARGIN_PX)
        self._age.show(note.text, note.tone, edge, px(AGE_Y), self._plot_width - 2 * px(AGE_MARGIN_PX))

    def _draw_header(self, index: int, line: StreamLine, is_selected: bool) -> None:
        columns, chip = self._columns, states.stream_chip(line)
        self._mark.set(SELECTED_MARK if is_selected else MARK, palette.line_colour(index % palette.LINES))
        name = line.name
        if len(line.channels) > MAX_CHANNELS:
            name = f"{name} ({MAX_CHANNELS} of {len(line.channels)} channels)"
        self._name.set(name, Tone.PLAIN, columns.name_width)
        self._state.set(chip.text if columns.has_state_word else chip.symbol, chip.tone)
        self._rate.set(words.rate(line.rate_hz), Tone.MUTED)
        self._latency.set(*states.lateness(line))
        self._lost.set(words.lost(line.lost), Tone.BAD if line.lost else Tone.MUTED)
        tip = states.stream_tip(line)
        if tip != self._tip_text:
            self._tip_text = tip
            dpg.set_value(self._tip, tip)
        if is_selected != self._is_selected:
            self._is_selected = is_selected
            dpg.bind_item_theme(self.window, self._theme.card_selected if is_selected else self._theme.card)

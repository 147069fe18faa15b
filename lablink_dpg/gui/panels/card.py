"""One stream's card: a header line with its words, below it the plot. Cards are re-used as the grid scrolls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lablink_dpg.gui import layout, palette, states, words
from lablink_dpg.gui.actions import Actions
from lablink_dpg.gui.label import Label, Plate, tooltip
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.card_menu import CardMenu
from lablink_dpg.gui.panels.plot import MAX_CHANNELS, PlotView
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.gui.typefaces import NUMBER_PX, SMALL_PX, TICK_PX
from lablink_dpg.gui.units import with_unit
from lablink_dpg.query.frame import PlotFrame, StreamLine, Trace
from lablink_dpg.query.view import TraceRequest

TEXT_Y = (layout.HEADER_PX - NUMBER_PX) // 2 + 1
AGE_MARGIN_PX = 2  # between the note of age and the plot's edges
NOTE_PX = SMALL_PX + 10  # a line of notes at the lower edge of the plot: the upper one is the legend's
SELECTED_MARK, MARK = "◆", "●"
TIP_EVERY = 4  # times that words come: a second is soon enough for words that take half of one to appear
CLOSE_PX = 24  # a button as high as the header's line


class Card:
    """Handles of one card. Main thread."""

    __slots__ = (
        *("window", "plot", "added", "close", "_theme", "_actions", "_menu", "_mark", "_name", "_tip", "_tip_text"),
        *("_state", "_rate", "_latency", "_lost", "_hint", "_has_hint", "_age", "_added", "_extras", "_names"),
        *("_is_pinned", "_area", "_columns", "_plot_width", "_is_shown", "_has_border", "_line", "_words_of"),
        *("_index", "_told", "_is_selected", "_steady", "_traces", "_labels", "_colours"),
    )

    def __init__(self, parent: Item, theme: Theme, actions: Actions, menu: CardMenu) -> None:
        self._theme = theme
        self._actions = actions
        self._menu = menu
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
        self._has_hint = False
        self._age = Plate(self.window, theme)
        self._added = Plate(self.window, theme, self.open_menu)
        self.added = self._added.item
        tooltip(self.added, theme, "Lines that were added to this plot: click to take them out")
        self.close: Item = dpg.add_button(
            parent=self.window, label="×", show=False, width=px(CLOSE_PX), height=px(CLOSE_PX), callback=self._unpin
        )
        dpg.bind_item_theme(self.close, theme.plates[Tone.MUTED])
        dpg.bind_item_font(self.close, theme.fonts.name)
        tooltip(self.close, theme, "Remove this value's card")
        self._extras: Sequence[TraceRequest] = ()
        self._names: Mapping[TraceRequest, str] = {}
        self._is_pinned = False
        self._area = layout.Rect(0, 0, 0, 0)
        self._columns = layout.header_columns(0)
        self._plot_width = 1
        self._is_shown = False
        self._has_border = False
        self._line: StreamLine | None = None  # whose words are shown …
        self._words_of: tuple[object, ...] = ()  # … and for what else
        self._index = self._told = 0
        self._is_selected = False
        self._steady: object = None  # of the plot that was drawn last; None where more than a plot has changed since
        self._traces: tuple[Trace, ...] = ()  # for which the next two were made
        self._labels: list[str] = []
        self._colours: list[int] = []

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
        self._steady = None
        item = layout.plot_item(width, height)
        self._plot_width = layout.plot_area(item, tick_px).width
        self.plot.place(item)
        self._place_header(width)

    def _place_header(self, width: int) -> None:
        columns = self._columns = layout.header_columns(width, is_value=self._is_pinned)
        self._mark.place(px(10), px(TEXT_Y))
        self._name.place(columns.name, px(TEXT_Y))
        self._state.place(columns.state, px(TEXT_Y))
        for label, x in ((self._rate, columns.rate), (self._latency, columns.latency)):
            label.show(x is not None)
            label.place(x or 0, px(TEXT_Y))
        self._lost.place(columns.lost, px(TEXT_Y))
        at = (width - px(layout.CARD_PAD_PX + CLOSE_PX), px((layout.HEADER_PX - CLOSE_PX) // 2))
        dpg.configure_item(self.close, pos=at)

    def draw(
        self,
        index: int,
        line: StreamLine,
        plot: PlotFrame | None,
        *,
        is_selected: bool,
        is_target: bool = False,
        extras: Sequence[TraceRequest] = (),
        names: Mapping[TraceRequest, str] | None = None,
    ) -> None:
        """Show stream number ``index``; ``plot`` is None if this frame has no picture of it.

        ``extras`` are shown beside its own channels, called as ``names`` has it. ``is_target``: something is about to
        be dropped here.
        """
        self._index, self._names, self._is_selected = index, names or {}, is_selected
        if (is_selected or is_target) != self._has_border:
            self._has_border = is_selected or is_target
            dpg.bind_item_theme(self.window, self._theme.card_selected if self._has_border else self._theme.card)
        words_of = (index, is_selected, self._area, bool(extras))
        if line is not self._line or words_of != self._words_of:  # a line is made anew a few times a second
            self._line, self._words_of = line, words_of
            self._become(bool(line.source))
            self._draw_header(index, line, is_selected)
            self._draw_tip(line)
            self._draw_age(line, has_extras=bool(extras))
        self._draw_added(extras)
        self._traces, self._steady = (), None  # what they are called may be something else
        self.follow(plot)

    def tell(self, line: StreamLine) -> None:
        """Newer words of the same stream, all else being as it was last drawn."""
        before, self._line = self._line, line
        if before is None or before.channels != line.channels or before.source != line.source:
            self._traces, self._steady = (), None
            self._become(bool(line.source))
        self._draw_header(self._index, line, self._is_selected)
        self._told += 1
        if self._told % TIP_EVERY == 0:
            self._draw_tip(line)
        self._draw_age(line, has_extras=bool(self._extras))

    def follow(self, plot: PlotFrame | None) -> None:
        """Show another picture of the same stream, all else being as it was last drawn."""
        has_samples = False
        if plot is not None:
            if plot.steady is not None and plot.steady is self._steady:
                has_samples = self.plot.follow(plot, self._plot_width)
            else:
                if plot.traces is not self._traces:
                    self._look_at(plot.traces)
                has_samples = self.plot.draw(plot, self._colours, self._labels, self._plot_width)
                self._steady = plot.steady
        if has_samples is self._has_hint:
            self._has_hint = not has_samples
            self._hint.show(self._has_hint)
        if not has_samples and self._line is not None:
            self._hint.set(states.no_samples(self._line), Tone.MUTED)
            middle = px(layout.HEADER_PX) + (self._area.height - px(layout.HEADER_PX)) // 2 - px(SMALL_PX)
            self._hint.centre(layout.y_label(px(TICK_PX)) // 2, self._area.width, middle)

    def _look_at(self, traces: tuple[Trace, ...]) -> None:
        """Names and colours of the lines; the same objects as long as they are the same."""
        assert self._line is not None
        is_other = len(traces) != len(self._traces) or not self._traces
        if is_other or any(trace.request is not old.request for trace, old in zip(traces, self._traces, strict=True)):
            labels = [self._label(trace.request, self._line) for trace in traces]
            colours = [_colour(self._index, position) for position in range(len(labels))]
            if labels != self._labels or colours != self._colours:
                self._labels, self._colours = labels, colours
        self._traces = traces

    def _label(self, request: TraceRequest, line: StreamLine) -> str:
        is_own = request.stream == line.series and request.channel in line.channels
        return with_unit(request.channel) if is_own else self._names.get(request, request.channel)

    def _become(self, is_pinned: bool) -> None:
        """A value's card can be taken away; it has no losses, whose place the button takes."""
        if is_pinned != self._is_pinned:
            self._is_pinned = is_pinned
            self._lost.show(not is_pinned)
            dpg.configure_item(self.close, show=is_pinned)
            self._place_header(self._area.width)

    def _draw_added(self, extras: Sequence[TraceRequest]) -> None:
        self._extras = extras
        if not extras:
            self._added.hide()
            return
        edge, y = self._note_corner(0)
        self._added.show(f"+{len(extras)} ×", Tone.INFO, edge, y, self._plot_width)

    def open_menu(self) -> None:
        """What can be taken out of this card."""
        if self._line is not None:
            self._menu.open(self._line.stream, self._extras, self._names, is_pinned=self._is_pinned)

    def _unpin(self) -> None:
        if self._line is not None:
            self._actions.unpin(self._line.stream)

    def is_on_button(self) -> bool:
        """Whether the mouse is over one of its buttons."""
        return (self._is_pinned and bool(dpg.is_item_hovered(self.close))) or (
            bool(self._extras) and bool(dpg.is_item_hovered(self.added))
        )

    def _draw_age(self, line: StreamLine, *, has_extras: bool) -> None:
        """Over the plot: a line that stands still must not be taken for what is measured now."""
        note = states.age_note(line)
        if note is None:
            self._age.hide()
            return
        edge, y = self._note_corner(1 if has_extras else 0)
        self._age.show(note.text, note.tone, edge, y, self._plot_width - 2 * px(AGE_MARGIN_PX))

    def _note_corner(self, line: int) -> tuple[int, int]:
        """Right upper corner of a note over the plot, in lines from below."""
        area = layout.plot_area(layout.plot_item(self._area.width, self._area.height), px(TICK_PX))
        return area.x + area.width - px(AGE_MARGIN_PX), area.y + area.height - (line + 1) * px(NOTE_PX)

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

    def _draw_tip(self, line: StreamLine) -> None:
        tip = states.stream_tip(line)
        if tip != self._tip_text:
            self._tip_text = tip
            dpg.set_value(self._tip, tip)


def _colour(index: int, position: int) -> int:
    """Of a card's line; those beyond the pure colours are the same again, lighter."""
    return (index + position) % palette.LINES + (palette.LINES if position >= palette.LINES else 0)

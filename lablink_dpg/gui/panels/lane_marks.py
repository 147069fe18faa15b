"""What stands around the lines of a wall: grounds, strips of state, names. Drawn once, changed where a lane changes."""

from __future__ import annotations

from collections.abc import Iterable

from lablink_dpg.gui import lane_looks, palette, states, wall_layout
from lablink_dpg.gui.alarm_rows import LOOKS
from lablink_dpg.gui.label import Label
from lablink_dpg.gui.lane_looks import LaneLook
from lablink_dpg.gui.layout import Rect
from lablink_dpg.gui.palette import Rgb, Rgba, Tone
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.gui.typefaces import NUMBER_PX, TICK_PX
from lablink_dpg.gui.wall_layout import Wall
from lablink_dpg.query.frame import LaneTrace, StreamLine

ALARM_ALPHA = 36  # of a lane's ground: lines and words on it are still told from it …
EDGE_ALPHA = 170  # … and of its edge, which is seen across a room
ZEBRA_ALPHA = 14  # every other lane: the eye follows it across a column
CHOSEN_PX = 2.0  # outline of a lane that is selected
LETTER_PAD_PX = 4
MAX_LINES = 3  # of words beside a lane: name, state, extent
HINT_LANE_PX = 18  # a lower lane has no room for the words why it is empty
NOTHING = LaneLook()


class _Words:
    """Beside one lane."""

    def __init__(self, parent: Item, theme: Theme) -> None:
        fonts = (theme.fonts.name, theme.fonts.tick, theme.fonts.tick)
        self.labels = [Label(parent, font, Tone.MUTED) for font in fonts[:MAX_LINES]]
        self.hint = Label(parent, theme.fonts.tick, Tone.MUTED)

    def show(self, lines: int, has_hint: bool) -> None:
        for number, label in enumerate(self.labels):
            label.show(number < lines)
        self.hint.show(has_hint)


class LaneMarks:
    """Main thread. ``ground`` is drawn below the plots, words above them."""

    def __init__(self, parent: Item, theme: Theme) -> None:
        self._parent = parent
        self._theme = theme
        self._list: Item = dpg.add_drawlist(1, 1, parent=parent, pos=(0, 0))
        self._ground: Item = dpg.add_draw_layer(parent=self._list)
        self._layer: Item = dpg.add_draw_layer(parent=self._list)
        self._shape: Wall | None = None
        self._area = Rect(0, 0, 0, 0)
        self._looks: dict[int, LaneLook] = {}  # by position; those without a mark are not in it
        self._items: dict[int, list[Item]] = {}  # of the marks, likewise
        self._words: list[_Words] = []  # a pool, by position
        self._said: dict[int, tuple[object, ...]] = {}  # for what a lane's words were written

    def place(self, shape: Wall, area: Rect) -> None:
        """Draw the grounds of another wall; marks and words follow lane by lane."""
        before, self._shape = self._shape, shape
        dpg.configure_item(self._list, width=area.width, height=area.height)
        dpg.delete_item(self._ground, children_only=True)
        if before is None or area != self._area or not shape.is_like(before):
            self._area = area
            self._forget(range(len(self._words)), list(self._items))
        elif len(shape.shown) < len(before.shown):
            gone = range(len(shape.shown), len(before.shown))
            self._forget(gone, gone)
        zebra = (*palette.now.muted, ZEBRA_ALPHA)
        for column in range(shape.used_columns):
            used = min(shape.rows, len(shape.shown) - column * shape.rows)
            first = wall_layout.lane(shape, column * shape.rows)
            last = wall_layout.lane(shape, column * shape.rows + used - 1)
            self._fill(self._ground, first._replace(height=last.y + last.height - first.y), palette.now.plot)
            for row in range(1, used, 2):
                self._fill(self._ground, wall_layout.lane(shape, column * shape.rows + row), zebra)

    def _forget(self, words: Iterable[int], marks: Iterable[int]) -> None:
        """Take away what stands around the lanes at these positions."""
        for position in words:
            self._said.pop(position, None)
            if position < len(self._words):
                self._words[position].show(0, False)
        for position in marks:
            self._looks.pop(position, None)
            for item in self._items.pop(position, ()):
                dpg.delete_item(item)

    def draw(self, position: int, line: StreamLine, look: LaneLook, trace: LaneTrace | None, *, is_empty: bool) -> None:
        """One lane, as it is now. ``is_empty``: none of its samples is in view."""
        shape = self._shape
        if shape is None:
            return
        if look != self._looks.get(position, NOTHING):
            self._mark(shape, position, look)
        self._write(shape, position, line, look, trace, is_empty)

    def _mark(self, shape: Wall, position: int, look: LaneLook) -> None:
        for item in self._items.pop(position, ()):
            dpg.delete_item(item)
        self._looks[position] = look
        whole, tones = wall_layout.lane(shape, position), palette.now.tones
        items = self._items[position] = []
        if look.severity is not None:
            tone = tones[LOOKS[look.severity].tone]
            items.append(self._fill(self._layer, whole, (*tone, ALARM_ALPHA)))
            items.append(self._outline(whole, (*tone, EDGE_ALPHA), 1))
        if look.state is not None:
            strip = whole._replace(width=px(wall_layout.STATE_PX))
            items.append(self._fill(self._layer, strip, tones[look.state]))
        if look.is_lossy:
            width = px(wall_layout.LOST_PX)
            strip = whole._replace(x=whole.x + whole.width - width, width=width)
            items.append(self._fill(self._layer, strip, tones[Tone.BAD]))
        if look.is_selected:
            items.append(self._outline(whole, (*palette.now.accent, 255), px(CHOSEN_PX)))

    def _outline(self, area: Rect, colour: Rgba, thickness_px: int) -> Item:
        corner = area.x + area.width - 1, area.y + area.height - 1
        item: Item = dpg.draw_rectangle(
            (area.x, area.y), corner, color=colour, thickness=thickness_px, parent=self._layer
        )
        return item

    @staticmethod
    def _fill(layer: Item, area: Rect, colour: Rgb | Rgba) -> Item:
        rgba = colour if len(colour) == 4 else (*colour, 255)
        corner = area.x + area.width, area.y + area.height
        item: Item = dpg.draw_rectangle((area.x, area.y), corner, color=(0, 0, 0, 0), fill=rgba, parent=layer)
        return item

    def _write(
        self, shape: Wall, position: int, line: StreamLine, look: LaneLook, trace: LaneTrace | None, is_empty: bool
    ) -> None:
        area = wall_layout.lane(shape, position)
        lines = min(MAX_LINES, shape.lines)
        is_empty = is_empty and area.height >= px(HINT_LANE_PX)
        said = (line, look.severity, is_empty, lane_looks.extent(trace) if lines > 2 else "")
        if not (lines or is_empty) or said == self._said.get(position):
            if not lines and position in self._said:  # it was empty
                del self._said[position]
                self._words[position].show(0, False)
            return
        self._said[position] = said
        while len(self._words) <= position:
            self._words.append(_Words(self._parent, self._theme))
        words = self._words[position]
        words.show(lines, is_empty)
        left, width = area.x + px(wall_layout.STATE_PX + LETTER_PAD_PX), shape.name_width - px(2 * LETTER_PAD_PX)
        step = px(wall_layout.LINE_PX)
        top = area.y + (area.height - lines * step) // 2
        texts = (
            lane_looks.name(line, look.severity),
            lane_looks.details(line),
            (said[3], Tone.MUTED),
        )
        for number, (label, (text, tone)) in enumerate(zip(words.labels, texts, strict=True)):
            if number < lines:
                letter_px = NUMBER_PX if number == 0 else TICK_PX
                label.place(left, top + number * step + (step - px(letter_px)) // 2)
                label.set(str(text), tone, width)
        if is_empty:
            plot = wall_layout.lane_plot(shape, position)
            words.hint.set(states.no_samples(line), Tone.MUTED, plot.width)
            words.hint.centre(plot.x, plot.width, plot.y + (plot.height - px(TICK_PX)) // 2)

"""How much is kept of every acquisition: typed in seconds, shown in samples and megabytes before it is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lablink_dpg.gui import history_words, palette
from lablink_dpg.gui.acquisition_places import BUTTON_PX, GAP_PX, LABEL_PX
from lablink_dpg.gui.history_words import HistoryAnswer
from lablink_dpg.gui.label import Label
from lablink_dpg.gui.layout import FRAME_PAD_Y_PX, Rect
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.order_button import Looks, OrderButton
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.gui.typefaces import SMALL_PX
from lablink_dpg.query.frame import AcquisitionLine

INPUT_PX, APPLY_PX = 110, 76


class HistoryPage:
    """Main thread."""

    def __init__(self, parent: Item, theme: Theme, looks: Looks, on_chosen: Callable[[int], None]) -> None:
        """``on_chosen`` gets samples a channel."""
        self._on_chosen = on_chosen
        self.window: Item = dpg.add_child_window(parent=parent, border=False, show=False, pos=(0, 0))
        dpg.bind_item_theme(self.window, theme.canvas)
        self._label = Label(self.window, theme.fonts.small, Tone.MUTED)
        self._label.set("History s", Tone.MUTED)
        self._label.place(0, (px(BUTTON_PX) - px(SMALL_PX)) // 2 - 1)
        self.input: Item = dpg.add_input_text(
            parent=self.window, width=px(INPUT_PX), pos=(px(LABEL_PX), 0), on_enter=True, callback=self.submit
        )
        dpg.bind_item_font(self.input, theme.fonts.small)
        self.apply = OrderButton(self.window, looks, "Apply", px(APPLY_PX), px(BUTTON_PX), self.submit)
        dpg.configure_item(self.apply.item, pos=(px(LABEL_PX + INPUT_PX + GAP_PX), 0))
        self._words: Item = dpg.add_text("", parent=self.window, pos=(0, px(BUTTON_PX + GAP_PX - FRAME_PAD_Y_PX)))
        dpg.bind_item_font(self._words, theme.fonts.small)
        self._set: tuple[int, float] | None = None  # what the field was last made to say
        self._lines: Sequence[AcquisitionLine] = ()
        self._told: HistoryAnswer | None = None

    @property
    def told(self) -> str:
        """What is said below the field."""
        return self._told.text if self._told is not None else ""

    @property
    def text_inputs(self) -> tuple[Item, ...]:
        return (self.input,)

    def place(self, rect: Rect) -> None:
        dpg.configure_item(self.window, pos=(rect.x, rect.y), width=rect.width, height=rect.height)
        dpg.configure_item(self._words, wrap=max(1, rect.width - px(GAP_PX)))

    def draw(self, samples: int, lines: Sequence[AcquisitionLine]) -> None:
        """``samples`` a channel are kept now. What is typed stays until something else is kept."""
        self._lines = lines
        held = (samples, history_words.fastest_hz(lines))
        if held != self._set:
            self._set = held
            dpg.set_value(self.input, history_words.seconds_text(samples, lines))
        told = history_words.answer(dpg.get_value(self.input), lines)
        if told != self._told:
            self._told = told
            dpg.set_value(self._words, told.text)
            dpg.configure_item(self._words, color=palette.now.tones[told.tone])
        self.apply.draw(is_enabled=told.samples is not None, is_pressed=told.samples not in (None, samples))

    def submit(self) -> None:
        answer = history_words.answer(dpg.get_value(self.input), self._lines)
        if answer.samples is not None:
            self._on_chosen(answer.samples)

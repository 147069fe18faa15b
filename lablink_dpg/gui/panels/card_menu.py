"""The list that a right click on a card opens: what it shows beside its own, each to be taken out again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lablink_dpg.gui.actions import Actions
from lablink_dpg.gui.plot_choice import MAX_EXTRAS
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.query.view import TraceRequest

HINT = "Drag a value of a device, or the name of another card,\nonto this card to see it here as well."
AXIS = "All lines of a plot share one value axis."
WIDTH_PX = 330


class CardMenu:
    """One for all cards. It closes by itself when something else is clicked. Main thread."""

    def __init__(self, theme: Theme, actions: Actions) -> None:
        self._actions = actions
        self.window: Item = dpg.add_window(popup=True, show=False, no_saved_settings=True, no_move=True, autosize=True)
        dpg.bind_item_theme(self.window, theme.page)
        dpg.bind_item_font(self.window, theme.fonts.small)
        self._hint: Item = dpg.add_text(HINT, parent=self.window)
        self.removers = [self._button(self._remover(number)) for number in range(MAX_EXTRAS)]
        self.remove_all = self._button(lambda: self._done(actions.clear_traces))
        self.unpin = self._button(lambda: self._done(actions.unpin))
        self._axis: Item = dpg.add_text(AXIS, parent=self.window)
        dpg.configure_item(self.remove_all, label="×  take out all of them")
        dpg.configure_item(self.unpin, label="×  remove this card")
        self._key = ""
        self._traces: Sequence[TraceRequest] = ()

    def _button(self, callback: Callable[[], None]) -> Item:
        item: Item = dpg.add_button(parent=self.window, label="", width=px(WIDTH_PX), callback=callback)
        return item

    def open(
        self, key: str, traces: Sequence[TraceRequest], names: Mapping[TraceRequest, str], *, is_pinned: bool
    ) -> None:
        """Beside the mouse, for the card of that key."""
        self._key, self._traces = key, traces
        for number, item in enumerate(self.removers):
            is_used = number < len(traces)
            label = f"×  {names.get(traces[number], traces[number].channel)}" if is_used else ""
            dpg.configure_item(item, label=label, show=is_used)
        dpg.configure_item(self._hint, show=not traces)
        dpg.configure_item(self._axis, show=bool(traces))
        dpg.configure_item(self.remove_all, show=len(traces) > 1)
        dpg.configure_item(self.unpin, show=is_pinned)
        x, y = dpg.get_mouse_pos(local=False)
        dpg.configure_item(self.window, show=True, pos=(int(x), int(y)))

    def _remover(self, number: int) -> Callable[[], None]:
        def remove() -> None:
            if number < len(self._traces):
                self._done(lambda key: self._actions.remove_trace(key, self._traces[number]))

        return remove

    def _done(self, act: Callable[[str], None]) -> None:
        act(self._key)
        dpg.configure_item(self.window, show=False)

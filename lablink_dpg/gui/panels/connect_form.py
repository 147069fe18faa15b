"""The few fields that connect a device; what a search has found fills them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lablink_dpg.books.discovery import FoundDevice
from lablink_dpg.gui import device_rows
from lablink_dpg.gui.label import Label, tooltip
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.model.orders import ConnectDevice

ROW_PX = 36
NAME_PX, CONNECT_PX = 84, 110
HEIGHT_PX = 5 * ROW_PX + 6
FOUND_HINT = "choose what a search has found"
MAX_OFFERED = 50


def offered(found: Mapping[str, FoundDevice], connected: frozenset[str]) -> dict[str, FoundDevice]:
    """What a search has found and is not connected, by what a person chooses from."""
    free = [each for each in found.values() if not each.is_connected and each.resource not in connected]
    names = (f"{each.model or device_rows.type_word(each.type)} · {each.resource}" for each in free)
    return dict(zip(names, free[:MAX_OFFERED], strict=False))


def problem(order: ConnectDevice) -> str:
    """Why it cannot be sent; "" if it can."""
    missing = (name for name, text in (("resource", order.resource), ("model", order.model)) if not text)
    return next((f"▲ no {name}" for name in missing), "")


class ConnectForm:
    """Main thread."""

    def __init__(self, parent: Item, theme: Theme, on_connect: Callable[[ConnectDevice], None]) -> None:
        self._on_connect = on_connect
        self.window: Item = dpg.add_child_window(
            parent=parent, pos=(0, 0), border=True, no_scrollbar=True, no_scroll_with_mouse=True, show=False
        )
        dpg.bind_item_theme(self.window, theme.card)
        self._offers: dict[str, FoundDevice] = {}
        self._names = [Label(self.window, theme.fonts.small, Tone.MUTED) for _ in range(4)]
        self.found: Item = dpg.add_combo(
            parent=self.window, items=(), default_value=FOUND_HINT, pos=(0, 0), callback=self._chosen
        )
        self.type: Item = dpg.add_combo(
            parent=self.window,
            items=[device_rows.type_word(each) for each in device_rows.TYPES],
            default_value=device_rows.type_word(device_rows.TYPES[0]),
            pos=(0, 0),
        )
        self.resource: Item = dpg.add_input_text(parent=self.window, hint="USB0::…::INSTR", pos=(0, 0))
        self.model: Item = dpg.add_input_text(parent=self.window, hint="as its maker calls it", pos=(0, 0))
        self.connect: Item = dpg.add_button(parent=self.window, label="Connect", pos=(0, 0), callback=self._submit)
        dpg.bind_item_theme(self.connect, theme.pressed)
        tooltip(self.connect, theme, "Have the server open this device")
        self._problem = Label(self.window, theme.fonts.small, Tone.WARN)
        for item in (self.found, self.type, self.resource, self.model, self.connect):
            dpg.bind_item_font(item, theme.fonts.small)
        for item in (self.found, self.type):
            dpg.bind_item_theme(item, theme.popup)
        self.is_shown = False
        self._place = (0, 0)

    @property
    def text_inputs(self) -> tuple[Item, ...]:
        return (self.resource, self.model) if self.is_shown else ()

    def show(self, is_shown: bool) -> None:
        if is_shown != self.is_shown:
            self.is_shown = is_shown
            dpg.configure_item(self.window, show=is_shown)

    def place(self, y: int, width: int) -> None:
        if (y, width) == self._place:
            return
        self._place = (y, width)
        dpg.configure_item(self.window, pos=(0, y), width=width, height=px(HEIGHT_PX))
        pad, name = px(8), px(NAME_PX)
        rows = zip(self._names, ("found", "type", "resource", "model"), strict=True)
        items = (self.found, self.type, self.resource, self.model)
        for index, ((label, word), item) in enumerate(zip(rows, items, strict=True)):
            top = pad + index * px(ROW_PX)
            label.set(word, Tone.MUTED)
            label.place(pad, top + px(7))
            dpg.configure_item(item, pos=(pad + name, top), width=max(1, width - name - 2 * pad))
        top = pad + 4 * px(ROW_PX)
        dpg.configure_item(self.connect, pos=(pad, top), width=px(CONNECT_PX), height=px(28))
        self._problem.place(pad + px(CONNECT_PX + 10), top + px(7))

    def offer(self, found: Mapping[str, FoundDevice], connected: frozenset[str]) -> None:
        """What may be chosen from; ``connected``: resources that are so already."""
        offers = offered(found, connected)
        if offers != self._offers:
            self._offers = offers
            hint = f"{len(offers)} found" if offers else FOUND_HINT
            dpg.configure_item(self.found, items=list(offers))
            dpg.set_value(self.found, hint)

    def fill(self, device: FoundDevice) -> None:
        if device.type in device_rows.TYPES:
            dpg.set_value(self.type, device_rows.type_word(device.type))
        dpg.set_value(self.resource, device.resource)
        dpg.set_value(self.model, device.model)

    def _chosen(self) -> None:
        device = self._offers.get(dpg.get_value(self.found))
        if device is not None:
            self.fill(device)

    def order(self) -> ConnectDevice:
        """As it stands in the fields."""
        words = [device_rows.type_word(each) for each in device_rows.TYPES]
        type_ = device_rows.TYPES[words.index(dpg.get_value(self.type))]
        return ConnectDevice(dpg.get_value(self.resource).strip(), type_, dpg.get_value(self.model).strip())

    def _submit(self) -> None:
        order = self.order()
        why = problem(order)
        room = max(1, self._place[1] - px(CONNECT_PX + 30))
        self._problem.set(why, Tone.WARN, room)
        if not why:
            self._on_connect(order)

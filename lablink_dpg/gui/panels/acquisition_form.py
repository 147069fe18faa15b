"""The form that creates an acquisition. What it comes to is decided by ``gui.acquisition_draft``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from lablink_dpg.books.notices import Notice
from lablink_dpg.gui import acquisition_draft, layout
from lablink_dpg.gui.acquisition_draft import EDGES, MODES, TRIGGERS, Complaint, DeviceKey, Draft, Wanted
from lablink_dpg.gui.acquisition_places import BUTTON_PX, GAP_PX, LABEL_PX, fields
from lablink_dpg.gui.label import Label, tooltip
from lablink_dpg.gui.layout import Rect
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.order_button import Looks, OrderButton
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.gui.typefaces import SMALL_PX

# The button and what it came to are always in sight, in one line or, where that is too short to be read, in two.
CREATE_PX, CHECK_PX = 90, 150
TOLD_PX, TOLD_LINE_PX = 330, 24


class Field(NamedTuple):
    """One line of the form."""

    name: str  # of Draft
    label: str
    tip: str
    choices: tuple[str, ...] = ()  # empty for what is typed
    is_of_trigger: bool = False


FIELDS = (
    Field("device", "Device", "Which instrument samples", ("",)),
    Field("name", "Name", "As the plots call it; empty for the device's name"),
    Field("rate", "Rate S/s", "Samples a second and channel: 1000, 10k, 1M"),
    Field("channels", "Channels", "Their names with commas between: CH1, CH2"),
    Field("mode", "Mode", "Until it is stopped; once; or once a trigger comes", tuple(MODES)),
    Field("duration", "Duration s", "Ends after so many seconds; empty for no end"),
    Field("samples", "Samples", "Ends after so many samples a channel; empty for no end"),
    Field("buffer", "Buffer", "Samples a channel that the server keeps, to fill holes and to export: 10k"),
    Field("trigger", "Trigger", "What it waits for", TRIGGERS, True),
    Field("source", "Trigger on", "Which channel; empty for the first", (), True),
    Field("level", "Level", "In the channel's unit", (), True),
    Field("edge", "Edge", "Which way the level is crossed", EDGES, True),
    Field("before", "Before", "Samples kept from before the trigger", (), True),
)


class AcquisitionForm:
    """Main thread."""

    def __init__(
        self,
        parent: Item,
        theme: Theme,
        looks: Looks,
        now_us: Callable[[], int],
        on_wanted: Callable[[Wanted], None],
    ) -> None:
        """``on_wanted`` gets what was typed once it makes sense."""
        self._now_us = now_us
        self._on_wanted = on_wanted
        self._devices: Mapping[str, DeviceKey] = {}
        self.window: Item = dpg.add_child_window(parent=parent, border=False, show=False, no_scrollbar=True, pos=(0, 0))
        dpg.bind_item_theme(self.window, theme.canvas)
        self.create = OrderButton(self.window, looks, "Create", px(CREATE_PX), px(BUTTON_PX), self.submit)
        self.create.draw(is_pressed=True)
        self.is_started: Item = dpg.add_checkbox(
            parent=self.window, label="start it at once", default_value=True, pos=(px(CREATE_PX + GAP_PX), 0)
        )
        dpg.bind_item_font(self.is_started, theme.fonts.small)
        self._told = Label(self.window, theme.fonts.small)
        self.told = ""  # beside the button
        self._body: Item = dpg.add_child_window(parent=self.window, border=False, pos=(0, 0))
        dpg.bind_item_theme(self._body, theme.canvas)
        self.items: dict[str, Item] = {}
        self._labels: dict[str, Label] = {}
        usual = Draft()
        for field in FIELDS:
            self._labels[field.name] = Label(self._body, theme.fonts.small, Tone.MUTED)
            self._labels[field.name].set(field.label, Tone.MUTED)
            self.items[field.name] = self._make(field, str(getattr(usual, field.name)), theme)
        self._is_triggered: bool | None = None
        self._size = (0, 0)
        self._tone = Tone.MUTED  # of what is told
        self._asked = ""  # what was ordered and not heard of yet
        self._asked_us = 0

    def _make(self, field: Field, value: str, theme: Theme) -> Item:
        item: Item
        if field.choices:
            item = dpg.add_combo(parent=self._body, items=list(field.choices), default_value=value)
            dpg.bind_item_theme(item, theme.popup)
        else:
            item = dpg.add_input_text(parent=self._body, default_value=value, on_enter=True, callback=self.submit)
        dpg.bind_item_font(item, theme.fonts.small)
        tooltip(item, theme, field.tip)
        return item

    @property
    def text_inputs(self) -> tuple[Item, ...]:
        return tuple(self.items[field.name] for field in FIELDS if not field.choices)

    def place(self, rect: Rect) -> None:
        if (rect.width, rect.height) != self._size:
            self._size = (rect.width, rect.height)
            head = px(BUTTON_PX + GAP_PX) + (0 if self._is_wide else px(TOLD_LINE_PX))
            dpg.configure_item(self._body, pos=(0, head), width=rect.width, height=max(1, rect.height - head))
            self._is_triggered = None
        dpg.configure_item(self.window, pos=(rect.x, rect.y), width=rect.width, height=rect.height)

    def draw(self, devices: Sequence[DeviceKey], shown: Sequence[str], notices: Sequence[Notice]) -> None:
        """``shown``: the devices as words, in their order. ``notices``: what was lately said of orders."""
        if self._asked:
            self._hear(notices)
        known = dict(zip(shown, devices, strict=True))
        if known != self._devices:
            self._devices = known
            dpg.configure_item(self.items["device"], items=list(known))
            if dpg.get_value(self.items["device"]) not in known:
                dpg.set_value(self.items["device"], next(iter(known), ""))
        is_triggered = dpg.get_value(self.items["mode"]) == "triggered"
        if is_triggered != self._is_triggered:
            self._is_triggered = is_triggered
            self._arrange(is_triggered)

    def _arrange(self, is_triggered: bool) -> None:
        """The trigger's fields come last, so that nothing moves when they appear."""
        used = [field for field in FIELDS if is_triggered or not field.is_of_trigger]
        rects, _ = fields(len(used), max(1, self._size[0] - px(layout.SCROLLBAR_PX)))
        for field, rect in zip(used, rects, strict=True):
            item = self.items[field.name]
            label_px = px(LABEL_PX)
            self._labels[field.name].place(rect.x, rect.y + (rect.height - px(SMALL_PX)) // 2 - 1)
            dpg.configure_item(item, pos=(rect.x + label_px, rect.y), width=max(1, rect.width - label_px), show=True)
            self._labels[field.name].show(True)
        for field in FIELDS:
            if field not in used:
                dpg.configure_item(self.items[field.name], show=False)
                self._labels[field.name].show(False)
        self._tell(self.told, self._tone)

    def draft(self) -> Draft:
        values = {name: str(dpg.get_value(item)) for name, item in self.items.items()}
        return Draft(**values, is_started=bool(dpg.get_value(self.is_started)))

    def submit(self) -> None:
        """Have it done, or say beside the button what is wrong. What was typed stays in either case."""
        answer = acquisition_draft.read(self.draft(), self._devices)
        if isinstance(answer, Complaint):
            self._tell(f"▲ {answer.text}", Tone.WARN)
            if answer.field in self.items:
                dpg.focus_item(self.items[answer.field])
            return
        self._asked, self._asked_us = answer.order.name, self._now_us()
        self._tell(f"{answer.order.name}: asked for", Tone.MUTED)
        self._on_wanted(answer)

    def _hear(self, notices: Sequence[Notice]) -> None:
        """What became of it stands beside the form too, where the eye is."""
        for notice in notices:
            is_of_it = notice.text.startswith((f"{self._asked} created", f"{self._asked} not created"))
            if is_of_it and notice.at_us >= self._asked_us:
                self._asked = ""
                tone = Tone.WARN if notice.is_problem else Tone.GOOD
                self._tell(f"{'▲' if notice.is_problem else '✓'} {notice.text}", tone)
                return

    def _tell(self, text: str, tone: Tone) -> None:
        self.told, self._tone = text, tone
        left = px(CREATE_PX + GAP_PX + CHECK_PX) if self._is_wide else 0
        self._told.set(text, tone, max(px(60), self._size[0] - left))
        y = 0 if self._is_wide else px(BUTTON_PX)
        self._told.place(left, y + (px(BUTTON_PX) - px(SMALL_PX)) // 2)

    @property
    def _is_wide(self) -> bool:
        return self._size[0] >= px(CREATE_PX + GAP_PX + CHECK_PX + TOLD_PX)

"""Acquisitions of all servers: what each does and how well it comes; create, start, pause, stop, delete, export.

The list never makes room for a question: what cannot be undone is asked back by its own button.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lablink_dpg.gui import acquisition_rows, states
from lablink_dpg.gui.acquisition_draft import DeviceKey, Wanted
from lablink_dpg.gui.acquisition_places import BUTTON_PX, GAP_PX, TOTALS_PX, PageName, buttons, places
from lablink_dpg.gui.acquisition_rows import COLUMNS, DETAIL_COLUMNS
from lablink_dpg.gui.cadence import Turn, next_us
from lablink_dpg.gui.confirm import Confirm
from lablink_dpg.gui.label import Label
from lablink_dpg.gui.layout import DOCK_PAD_PX, Rect
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.acquisition_form import AcquisitionForm
from lablink_dpg.gui.panels.history_page import HistoryPage
from lablink_dpg.gui.panels.order_button import Looks, OrderButton
from lablink_dpg.gui.panels.panel import Desk
from lablink_dpg.gui.panels.rows import Row, Rows
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.model.orders import ControlAcquisition, ExportAcquisition
from lablink_dpg.query.frame import AcquisitionLine
from lablink_dpg.query.names import names_of_several

PAGE_BUTTONS = {PageName.NEW: ("New", 62), PageName.DETAILS: ("Details", 78), PageName.HISTORY: ("History", 80)}
ACTION_BUTTONS = {"start": 62, "pause": 66, "resume": 80, "stop": 62, "delete": 76, "show": 62, "export": 72}
FORMATS = ("csv", "json", "npy", "hdf5")
FORMAT_PX = 84
MANY = 200  # acquisitions, each of which is asked for its figures; so many more make the words a quarter second slower


class AcquisitionsPanel:
    """Main thread."""

    def __init__(self, parent: Item, desk: Desk) -> None:
        self._desk = desk
        looks = Looks(desk.theme)
        self._parent = parent
        self.rows = Rows(parent, desk.theme, COLUMNS, self._choose, empty="no acquisitions: press New to create one")
        self._totals = Label(parent, desk.theme.fonts.small, Tone.MUTED)
        self._details = Rows(parent, desk.theme, DETAIL_COLUMNS, lambda _: None, empty="choose one in the list")
        self.form = AcquisitionForm(parent, desk.theme, looks, desk.source.now_us, self._create)
        self.history = HistoryPage(parent, desk.theme, looks, desk.actions.set_history)
        self.buttons: dict[str, OrderButton] = {}
        for page, (word, width) in PAGE_BUTTONS.items():
            self.buttons[page] = OrderButton(parent, looks, word, px(width), px(BUTTON_PX), self._page_opener(page))
        for action, width in ACTION_BUTTONS.items():
            word = action.capitalize()
            self.buttons[action] = OrderButton(parent, looks, word, px(width), px(BUTTON_PX), self._presser(action))
        self.format: Item = dpg.add_combo(
            parent=parent, items=list(FORMATS), default_value=FORMATS[0], width=px(FORMAT_PX), pos=(0, 0)
        )
        dpg.bind_item_font(self.format, desk.theme.fonts.small)
        dpg.bind_item_theme(self.format, desk.theme.popup)
        self.page = PageName.NONE  # the list is what one looks for first
        self.selected: str | None = None
        self._confirm = Confirm()
        self._lines: Sequence[AcquisitionLine] = ()
        self._list = acquisition_rows.rows()
        self._known: Sequence[Row] = ()
        self._due_us = 0
        self._placed: object = None
        self._has_list = True
        self._totals_px = 0
        self._up: set[str] = set()  # servers that can be asked
        self._devices: tuple[Sequence[DeviceKey], Sequence[str]] = ((), ())

    @property
    def text_inputs(self) -> tuple[Item, ...]:
        if self.page is PageName.NEW:
            return self.form.text_inputs
        return self.history.text_inputs if self.page is PageName.HISTORY else ()

    # -- where things are ------------------------------------------------------------------------------------------

    def place(self, width: int, height: int) -> None:
        if (width, height, self.page) == self._placed:
            return
        self._placed = (width, height, self.page)
        pair = {"export": px(GAP_PX + FORMAT_PX)}  # what it exports as stays beside it
        widths = {name: button.width + pair.get(name, 0) for name, button in self.buttons.items()}
        fit = buttons(widths, width, height, self.page)
        pad = self._pad
        for name, button in self.buttons.items():
            x, y = fit.corners.get(name, (0, 0))
            dpg.configure_item(button.item, pos=(x + pad, y + pad), show=name in fit.corners)
        x, y = fit.corners.get("export", (0, 0))
        beside = x + pad + px(ACTION_BUTTONS["export"] + GAP_PX)
        dpg.configure_item(self.format, pos=(beside, y + pad), show="export" in fit.corners)
        where = places(width, height, fit.height, self.page)
        self._place_list(where.list, has_totals=fit.has_totals)
        page = where.page
        for name, window in self._pages.items():
            dpg.configure_item(window, show=page is not None and name is self.page)
        if page is not None:
            self._place_page(Rect(page.x + pad, page.y + pad, page.width, page.height))

    @property
    def _pad(self) -> int:
        """Positions in a dock count from its edge, its room from inside its padding."""
        return px(DOCK_PAD_PX)

    @property
    def _pages(self) -> dict[PageName, Item]:
        return {
            PageName.DETAILS: self._details.window,
            PageName.NEW: self.form.window,
            PageName.HISTORY: self.history.window,
        }

    def _place_list(self, rect: Rect | None, *, has_totals: bool) -> None:
        self._has_list = rect is not None
        dpg.configure_item(self.rows.window, show=self._has_list)
        self._totals.show(self._has_list and has_totals)
        if rect is None:
            return
        pad = self._pad
        height = max(1, rect.height - px(TOTALS_PX) * has_totals)
        self.rows.place(rect.width, height)
        dpg.configure_item(self.rows.window, pos=(rect.x + pad, rect.y + pad))
        self._totals.place(rect.x + pad + px(GAP_PX), rect.y + pad + height + px(2))
        self._totals_px = rect.width - 2 * px(GAP_PX)

    def _place_page(self, rect: Rect) -> None:
        if self.page is PageName.DETAILS:
            self._details.place(rect.width, rect.height)
            dpg.configure_item(self._details.window, pos=(rect.x, rect.y))
        elif self.page is PageName.NEW:
            self.form.place(rect)
        else:
            self.history.place(rect)

    # -- what is shown ---------------------------------------------------------------------------------------------

    def draw(self, now_us: int) -> None:
        if now_us >= self._due_us:
            self._due_us = next_us(now_us, Turn.ACQUISITIONS, 1 + len(self._lines) // MANY)
            self._refresh()
        if self._has_list:
            self.rows.draw(self._list, self.selected)
        self._draw_buttons(now_us)
        if self.page is PageName.DETAILS:
            self._details.draw(self._known)
        elif self.page is PageName.NEW:
            self.form.draw(*self._devices, self._desk.source.notices.shown(now_us))
        elif self.page is PageName.HISTORY:
            self.history.draw(self._desk.source.history(), self._lines)

    def _refresh(self) -> None:
        links = self._desk.source.links()
        self._lines = self._desk.source.acquisition_lines()
        names = {(link.server, each.equipment_id): each.label for link in links for each in link.equipment}
        self._up = {link.server for link in links if link.state in states.TRANSPORTS}
        short = names_of_several(link.server for link in links)
        devices = [DeviceKey(link.server, each.equipment_id, each.label) for link in links for each in link.equipment]
        self._devices = devices, _told_apart(devices, short)
        self._list = acquisition_rows.rows(self._lines, names)
        line = self._line
        if line is None:
            self.selected = None
        self._known = [] if line is None else acquisition_rows.details(line, names, has_others=len(links) > 1)
        self._totals.set(acquisition_rows.totals(self._lines), Tone.MUTED, max(1, self._totals_px))

    @property
    def _line(self) -> AcquisitionLine | None:
        """The one that is selected."""
        return next((line for line in self._lines if line.line.stream == self.selected), None)

    def _draw_buttons(self, now_us: int) -> None:
        line = self._line
        is_up = line is not None and line.server in self._up
        for page in PAGE_BUTTONS:
            self.buttons[page].draw(is_pressed=page is self.page)
        for action in ACTION_BUTTONS:
            is_asking = self._confirm.asks((action, self.selected), now_us)
            is_enabled = acquisition_rows.is_allowed(action, line, is_up)
            self.buttons[action].draw(is_enabled=is_enabled, is_asking=is_asking)

    # -- what is done ----------------------------------------------------------------------------------------------

    def _choose(self, key: str) -> None:
        self.selected = key
        self._confirm.forget()
        self._due_us = 0

    def _page_opener(self, page: PageName) -> Callable[[], None]:
        def open_or_close() -> None:
            self.page = PageName.NONE if self.page is page else page
            self._due_us = 0

        return open_or_close

    def _presser(self, action: str) -> Callable[[], None]:
        return lambda: self._press(action)

    def _press(self, action: str) -> None:
        line = self._line
        if line is None or not acquisition_rows.is_allowed(action, line, line.server in self._up):
            return
        if action in acquisition_rows.ASKED_TWICE and not self._confirm.press(
            (action, self.selected), self._desk.source.now_us()
        ):
            return
        about, name, actions = line.info.acquisition_id, line.info.name, self._desk.actions
        if action == "show":
            actions.show_stream(line.line.stream)
        elif action == "export":
            chosen = dpg.get_value(self.format)
            actions.order(ExportAcquisition(about, chosen, name), line.server)
        else:
            actions.order(ControlAcquisition(about, action, name), line.server)  # type: ignore[arg-type]

    def _create(self, wanted: Wanted) -> None:
        self._desk.actions.order(wanted.order, wanted.server)


def _told_apart(devices: Sequence[DeviceKey], short: dict[str, str]) -> list[str]:
    """A word each: the label, after its server where there are several, before its id where two are called the same."""
    words = [f"{short[each.server]}/{each.label}" if short else each.label for each in devices]
    return [
        f"{word} ({each.equipment_id})" if words.count(word) > 1 else word
        for word, each in zip(words, devices, strict=True)
    ]

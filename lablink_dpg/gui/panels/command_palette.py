"""The command palette: a field at the top of the window, below it what fits the letters typed; nothing waits for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lablink_dpg.gui import layout, palette
from lablink_dpg.gui.commands import AGAIN, MAX_FOUND, Command, is_meant, matching, stepped
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.side import SidePage
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg

WIDTH_PX = 560
KEY_PX = 110  # at the right of a line
AGAIN_PX = 210  # … that asks whether it is meant
HINT = "a command: type its words, Enter does it"
NOTHING = "Nothing has these words"


class CommandPalette:
    """Main thread."""

    def __init__(self, theme: Theme, list_commands: Callable[[], Sequence[Command]]) -> None:
        """``list_commands`` is asked each time it opens."""
        self._list_commands = list_commands
        self._commands: Sequence[Command] = ()
        self.found: list[Command] = []
        self._selected = 0
        self._asked: Command | None = None  # waits for its second Enter, or click
        self.is_shown = False
        self._place = (0, 0)
        self.window: Item = dpg.add_window(
            show=False,
            width=px(WIDTH_PX),
            autosize=True,
            no_title_bar=True,
            no_resize=True,
            no_move=True,
            no_saved_settings=True,
        )
        dpg.bind_item_theme(self.window, theme.page)
        self.field: Item = dpg.add_input_text(
            parent=self.window, width=px(WIDTH_PX - 40), hint=HINT, callback=self._search
        )
        self._lines: list[tuple[Item, Item, Item]] = []
        self._nothing: Item = dpg.add_text(NOTHING, parent=self.window, show=False)
        for index in range(MAX_FOUND):
            with dpg.group(parent=self.window, horizontal=True, show=False) as line:
                dpg.bind_item_theme(line, theme.even)
                title: Item = dpg.add_selectable(
                    label="", width=px(WIDTH_PX - 40 - KEY_PX), callback=self._runner(index)
                )
                key: Item = dpg.add_text("", color=palette.now.muted)
            self._lines.append((line, title, key))

    @property
    def lines(self) -> list[Item]:
        """What can be clicked, in the order of ``found``."""
        return [title for _, title, _ in self._lines]

    @property
    def text_inputs(self) -> tuple[Item, ...]:
        return (self.field,) if self.is_shown else ()

    def toggle(self) -> None:
        if self.is_shown:
            self.close()
            return
        self.is_shown = True
        self._commands = self._list_commands()
        dpg.set_value(self.field, "")
        self._search()
        dpg.configure_item(self.window, show=True)
        dpg.focus_item(self.field)

    def close(self) -> None:
        if self.is_shown:
            self.is_shown = False
            self._asked = None
            dpg.configure_item(self.window, show=False)

    def place(self, window: tuple[int, int]) -> None:
        """``window``: its width and height."""
        place = (max(0, (window[0] - px(WIDTH_PX)) // 2), px(layout.TOOLBAR_PX + 30) + SidePage.lowered_px)
        if self.is_shown and place != self._place:
            self._place = place
            dpg.configure_item(self.window, pos=place)

    def holds(self, x: float, y: float) -> bool:
        if not self.is_shown:
            return False
        width, height = dpg.get_item_rect_size(self.window)
        left, top = self._place
        return bool(left <= x < left + width and top <= y < top + height)

    def step(self, by: int) -> None:
        """Up and down keys."""
        self._selected = stepped(self._selected, by, self.found)
        self._ask(None)

    def run_selected(self) -> None:
        """The Enter key."""
        self._run(self._selected)

    def _search(self) -> None:
        self.found = matching(self._commands, dpg.get_value(self.field))
        self._selected = 0
        dpg.configure_item(self._nothing, show=not self.found)
        for index, (line, title, _) in enumerate(self._lines):
            is_used = index < len(self.found)
            dpg.configure_item(line, show=is_used)
            if is_used:
                dpg.configure_item(title, label=self.found[index].title)
        self._ask(None)

    def _ask(self, asked: Command | None) -> None:
        """Have this one wait for its second time, beside its title, which gives way; and no other."""
        self._asked = asked
        for command, (_, title, key) in zip(self.found, self._lines, strict=False):
            is_asked = command is asked
            dpg.configure_item(title, width=px(WIDTH_PX - 40 - (AGAIN_PX if is_asked else KEY_PX)))
            dpg.configure_item(key, color=palette.now.tones[Tone.WARN] if is_asked else palette.now.muted)
            dpg.set_value(key, AGAIN if is_asked else command.shown)
        self._mark()

    def _mark(self) -> None:
        for index, (_, title, _) in enumerate(self._lines):
            dpg.set_value(title, index == self._selected)

    def _runner(self, index: int) -> Callable[[], None]:
        return lambda: self._run(index)

    def _run(self, index: int) -> None:
        if self.is_shown and index < len(self.found):
            command = self.found[index]
            if not is_meant(command, self._asked):
                self._selected = index
                self._ask(command)
                dpg.focus_item(self.field)  # which Enter and a click have left
                return
            self.close()  # first: the command may open something that wants the keys
            command.run()

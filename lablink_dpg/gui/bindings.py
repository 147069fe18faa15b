"""The window's own commands and their keys; panels add those of what they show.

To add one is to add a line here: it then has its key, its line in the help and its place in the palette.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from lablink_dpg.gui import looks, state, words
from lablink_dpg.gui.actions import Actions
from lablink_dpg.gui.calling import call
from lablink_dpg.gui.commands import Command, Control
from lablink_dpg.gui.docking import PanelName, Place
from lablink_dpg.gui.panels.table_of_panels import PANELS
from lablink_dpg.gui.state import SPANS_US, Page, ViewState
from lablink_dpg.model.link import Mode


class Desk(Protocol):
    """The window, as far as a command has to know it."""

    state: ViewState

    def scroll_page(self, pages: int) -> None: ...
    def focus_filter(self) -> None: ...
    def ask_for_login(self) -> None: ...
    def toggle_palette(self) -> None: ...
    def toggle_fullscreen(self) -> None: ...
    def escape(self) -> None: ...
    def enlarge_pointed(self) -> None: ...


def commands(desk: Desk, actions: Actions) -> tuple[Command, ...]:
    def change(rule: Callable[[ViewState], ViewState]) -> Callable[[], None]:
        def apply() -> None:
            desk.state = rule(desk.state)

        return apply

    any_control = Control.EITHER
    view = (
        Command("Find a command", desk.toggle_palette, ("K",), "Ctrl+K", Control.HELD, works_while_typing=True),
        Command("Hold the view, or return to live", actions.toggle_live, ("Space",), "Space", any_control),
        Command("Back to live", change(state.go_live), ("End", "Home", "L"), "End, Home or L", any_control),
        Command(
            "Zoom time in, stay live",
            change(lambda s: state.zoom_span(s, 1)),
            ("=", "Keypad +", "]"),
            "+  ]",
            repeats=True,
        ),
        Command(
            "Zoom time out, stay live",
            change(lambda s: state.zoom_span(s, -1)),
            ("-", "Keypad -", "["),
            f"{words.MINUS}  [",
            repeats=True,
        ),
        Command("Fit Y of all plots again", change(state.auto_y_all), ("A",), "A"),
        Command("Overlay of the selected streams", actions.toggle_overlay, ("O",), "O"),
        Command("Wall: all streams at once, small", actions.toggle_wall, ("W",), "W"),
        Command("See the lane under the mouse large", desk.enlarge_pointed, ("Enter", "Keypad Enter"), "Enter"),
        Command("Clear the selection", change(state.clear_selection)),
        Command("Find a stream", desk.focus_filter, ("F",), "Ctrl+F", Control.HELD),
        Command(
            "Scroll the plots up", lambda: desk.scroll_page(-1), ("Page Up",), "Page Up", any_control, repeats=True
        ),
        Command(
            "Scroll the plots down", lambda: desk.scroll_page(1), ("Page Down",), "Page Down", any_control, repeats=True
        ),
    )
    link = (
        Command("Try every server again, now", actions.reconnect, ("R",), "R"),
        Command("Next mode: hybrid, websocket, polling", actions.next_mode, ("M",), "M"),
        Command("Log in, where a server asks for it", desk.ask_for_login, ("U",), "U"),
        Command("Statistics of every server", lambda: actions.toggle_page(Page.STATISTICS), ("S",), "S"),
        Command("Log of events", lambda: actions.toggle_page(Page.LOG), ("E",), "E"),
        Command("Dismiss all notices", actions.dismiss_notices, ("D",), "D"),
        Command(
            "Keys and mouse",
            lambda: actions.toggle_page(Page.HELP),
            ("F1",),
            "F1",
            any_control,
            works_while_typing=True,
        ),
        Command(
            "Everything larger", lambda: actions.change_scale(looks.larger), ("=", "Keypad +"), "Ctrl + +", Control.HELD
        ),
        Command(
            "Everything smaller",
            lambda: actions.change_scale(looks.smaller),
            ("-", "Keypad -"),
            f"Ctrl + {words.MINUS}",
            Control.HELD,
        ),
        Command(
            "Everything at 100 %",
            lambda: actions.change_scale(looks.original),
            ("0", "Keypad 0"),
            "Ctrl + 0",
            Control.HELD,
        ),
        Command("Full screen", desk.toggle_fullscreen, ("F11",), "F11", any_control),
        Command("Close, leave the overlay, clear the selection", desk.escape, ("Esc",), "Esc", any_control),
    )
    panels = tuple(
        Command(
            f"{kind.title}: open or close the panel",
            call(actions.toggle_panel, name),
            (str(kind.digit),),
            f"Ctrl+{kind.digit}",
            Control.HELD,
        )
        for name, kind in PANELS.items()
    )
    return (*view, *panels, *link, *unbound(actions))


def unbound(actions: Actions) -> tuple[Command, ...]:
    """Those without keys, for the palette alone."""
    spans = tuple(Command(f"Show {words.span(span)}", call(actions.choose_span, span)) for span in SPANS_US)
    modes = tuple(Command(f"Mode {mode.value}", call(actions.set_mode, mode)) for mode in Mode)
    moves = tuple(
        Command(f"Move {PANELS[name].title} to the {place.value}", call(actions.move_panel, name, place))
        for name in PanelName
        for place in Place
    )
    layout = (
        Command("Close all panels", actions.close_panels),
        Command("Reset layout", actions.reset_layout),
    )
    return (*spans, *modes, *layout, *moves)

"""The table of commands and keys."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from lablink_dpg.gui import bindings, state
from lablink_dpg.gui.actions import Actions
from lablink_dpg.gui.commands import Command, Control
from lablink_dpg.gui.docking import PanelName, Place
from lablink_dpg.gui.hands import KEYS
from tests.support.synthetic import SyntheticSource


def table() -> tuple[Any, tuple[Command, ...]]:
    nothing = lambda *_: None  # noqa: E731 - what the window itself does is not asked here
    desk = SimpleNamespace(
        state=state.initial(10_000_000),
        frame=None,
        links=(),
        live_right_us=lambda: 0,
        scroll_page=nothing,
        focus_filter=nothing,
        ask_for_login=nothing,
        toggle_palette=nothing,
        toggle_fullscreen=nothing,
        escape=nothing,
        enlarge_pointed=nothing,
    )
    return desk, bindings.commands(cast(Any, desk), Actions(cast(Any, desk), SyntheticSource(streams=1)))


def test_every_key_exists_and_means_one_thing() -> None:
    _, commands = table()
    meanings: dict[tuple[str, bool], str] = {}
    for command in commands:
        for key in command.keys:
            assert key in KEYS
            for is_held in (True, False):
                if command.control is Control.EITHER or (command.control is Control.HELD) is is_held:
                    assert (key, is_held) not in meanings, f"{key}: {command.title}, {meanings[key, is_held]}"
                    meanings[key, is_held] = command.title


def test_what_has_a_key_says_which() -> None:
    _, commands = table()
    for command in commands:
        assert bool(command.keys) is bool(command.shown)


def test_titles_tell_commands_apart() -> None:
    _, commands = table()
    assert len({command.title for command in commands}) == len(commands)


def test_every_panel_can_be_opened_and_moved_anywhere() -> None:
    desk, commands = table()
    for name in PanelName:
        for place in Place:
            moving = next(
                c for c in commands if c.title.endswith(f"to the {place.value}") and name.value in c.title.casefold()
            )
            moving.run()
            assert desk.state.docks.shown(place) is name
    by_title = {command.title: command for command in commands}
    by_title["Close all panels"].run()
    assert desk.state.docks.opened == ()

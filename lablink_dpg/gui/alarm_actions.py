"""What the user can do about alarms: look at one, acknowledge it with a name and a note, clear it."""

from __future__ import annotations

import getpass
from dataclasses import replace
from typing import Protocol

from lablink_dpg.gui import docking
from lablink_dpg.gui.alarm_rows import Key
from lablink_dpg.gui.docking import PanelName
from lablink_dpg.gui.source import Source
from lablink_dpg.gui.state import AlarmView, ViewState
from lablink_dpg.model.orders import AcknowledgeAlarm, ClearAlarm

NOBODY = "operator"  # where neither the user nor the system has a name


class Screen(Protocol):
    state: ViewState


class AlarmActions:
    """Main thread; called between frames."""

    def __init__(self, screen: Screen, source: Source, user: str = "") -> None:
        """``user``: who acknowledges until another name is typed; "" takes the system's."""
        self._screen = screen
        self._source = source
        self._default = user or _system_user()
        self._person = ""  # as typed last

    @property
    def person(self) -> str:
        """Who acknowledges: the name that was typed last."""
        return self._person or self._source.preferences.acknowledged_by or self._default

    def name_person(self, name: str) -> None:
        """Remembered for the run; an empty one is the default again."""
        typed = " ".join(name.split())
        if typed != self.person:  # a default that was only left there stays a default
            self._person = typed

    @property
    def view(self) -> AlarmView:
        return self._screen.state.alarms

    def choose(self, key: Key) -> None:
        self._change(replace(self.view, chosen=key))

    def show_history(self, is_history: bool) -> None:
        self._change(replace(self.view, is_history=is_history))

    def show(self, key: Key) -> None:
        """Open the panel at this one."""
        self._change(AlarmView(chosen=key))
        state = self._screen.state
        self._screen.state = replace(state, docks=docking.open_panel(state.docks, PanelName.ALARMS))

    def acknowledge(self, key: Key, note: str = "") -> None:
        self._source.send(AcknowledgeAlarm(key.event_id, self.person, " ".join(note.split())), key.server)

    def clear(self, server: str, alarm_id: str) -> None:
        self._source.send(ClearAlarm(alarm_id), server)

    def _change(self, view: AlarmView) -> None:
        self._screen.state = replace(self._screen.state, alarms=view)


def _system_user() -> str:
    try:
        name = getpass.getuser()
        return name if name.strip() and name.isprintable() else NOBODY  # half a letter cannot be sent
    except (OSError, KeyError, ImportError):  # a container without a user of that number; which one depends on Python
        return NOBODY

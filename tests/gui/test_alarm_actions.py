"""What the hands can do about alarms, without a window."""

from __future__ import annotations

from lablink_dpg.gui import alarm_actions, docking, state
from lablink_dpg.gui.alarm_actions import AlarmActions
from lablink_dpg.gui.alarm_rows import Key
from lablink_dpg.gui.docking import PanelName
from lablink_dpg.gui.state import ViewState
from lablink_dpg.model.orders import AcknowledgeAlarm, ClearAlarm
from tests.support.synthetic import SyntheticSource

KEY = Key("labserver:8000", "event_1")


class Screen:
    def __init__(self) -> None:
        self.state: ViewState = state.initial(1_000_000)


def made(user: str = "") -> tuple[AlarmActions, Screen, SyntheticSource]:
    screen, source = Screen(), SyntheticSource(streams=1)
    return AlarmActions(screen, source, user), screen, source


def test_an_acknowledgement_has_the_name_that_was_typed_last_and_goes_to_its_server() -> None:
    actions, _, source = made("carl")
    actions.acknowledge(KEY)
    actions.name_person("  anna  b ")
    actions.acknowledge(KEY, " on\tmy way ")
    actions.name_person("")
    actions.acknowledge(KEY)
    assert source.sent == [
        AcknowledgeAlarm("event_1", "carl"),
        AcknowledgeAlarm("event_1", "anna b", "on my way"),
        AcknowledgeAlarm("event_1", "carl"),
    ]
    assert set(source.sent_to) == {KEY.server}


def test_somebody_always_has_a_name(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    assert made()[0].person
    monkeypatch.setattr(alarm_actions.getpass, "getuser", lambda: (_ for _ in ()).throw(OSError))
    assert made()[0].person == alarm_actions.NOBODY


def test_clearing_goes_to_its_server() -> None:
    actions, _, source = made()
    actions.clear("labserver:8000", "alarm_1")
    assert (source.sent, source.sent_to) == ([ClearAlarm("alarm_1")], ["labserver:8000"])


def test_showing_one_opens_the_panel_at_it_among_the_open_ones() -> None:
    actions, screen, _ = made()
    actions.show_history(True)
    assert actions.view.is_history
    actions.show(KEY)
    assert PanelName.ALARMS in docking.visible(screen.state.docks)
    assert actions.view.chosen == KEY
    assert not actions.view.is_history
    actions.choose(Key("labserver:8000", "event_2"))
    assert actions.view.chosen == ("labserver:8000", "event_2")

"""Commands of what servers have told of."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from lablink_dpg.gui import panel_commands, state
from lablink_dpg.gui.actions import Actions
from lablink_dpg.gui.commands import Command
from lablink_dpg.gui.docking import PanelName
from lablink_dpg.model.alarm import AlarmEvent, AlarmState, Severity
from lablink_dpg.model.commands import WatchDevice
from lablink_dpg.model.orders import AcknowledgeAlarm, ClearAlarm, ControlAcquisition, ControlJob, RunBenchmark
from tests.support.synthetic import SERVERS
from tests.support.synthetic_lab import SyntheticLab


def table(source: SyntheticLab) -> tuple[Any, dict[str, Command]]:
    screen = SimpleNamespace(state=state.initial(10_000_000), frame=None, links=source.links())
    actions = Actions(cast(Any, screen), source)
    commands = panel_commands.commands(source, actions)
    by_title = {command.title: command for command in commands}
    assert len(by_title) == len(commands), "titles tell them apart"
    return screen, by_title


def alarm(state: AlarmState = AlarmState.ACTIVE) -> AlarmEvent:
    return AlarmEvent("event_1", "alarm_1", "Too hot", Severity.ERROR, state, "psu", "t", 61.0, 60.0, "", 1)


def test_there_is_one_for_each_thing_and_what_can_be_done_with_it() -> None:
    source = SyntheticLab(streams=2, devices=2, jobs=1)
    source.labs[0].alarms.take_open([alarm()], 1)
    _, commands = table(source)
    job = next(iter(source.labs[0].jobs.jobs.values()))
    device = source.links()[0].equipment[0]
    for title, sent in (
        ("Acknowledge alarm Too hot", AcknowledgeAlarm("event_1", "", "")),
        ("Clear alarm Too hot", ClearAlarm("alarm_1")),
        ("Pause acquisition Scope 1", ControlAcquisition("acq_0000", "pause", "Scope 1")),
        (f"Run job {job.name} now", ControlJob(job.job_id, "run")),
        (f"Run benchmark of {device.label}", RunBenchmark(device.equipment_id)),
    ):
        commands[title].run()
        last = source.sent[-1]
        assert type(last) is type(sent)
        if not isinstance(last, AcknowledgeAlarm):  # by whoever is logged in here
            assert last == sent
        assert source.sent_to[-1] == SERVERS[0]


def test_what_makes_no_sense_now_is_not_offered() -> None:
    source = SyntheticLab(streams=1, devices=1, jobs=1)
    source.labs[0].alarms.take_open([alarm(AlarmState.ACKNOWLEDGED)], 1)
    _, commands = table(source)
    assert "Acknowledge alarm Too hot" not in commands
    assert "Resume acquisition Scope 1" not in commands
    assert "Stop acquisition Scope 1" in commands


def test_showing_an_alarm_opens_its_panel() -> None:
    source = SyntheticLab(streams=1)
    source.labs[0].alarms.take_open([alarm()], 1)
    screen, commands = table(source)
    commands["Show alarm Too hot"].run()
    assert PanelName.ALARMS in screen.state.docks.opened
    assert screen.state.alarms.chosen == (SERVERS[0], "event_1")


def test_readings_are_started_where_they_are_off_and_stopped_where_they_are_on() -> None:
    source = SyntheticLab(streams=1, devices=1)
    _, commands = table(source)
    device = source.links()[0].equipment[0]
    word = next(title for title in commands if title.endswith(f"readings of {device.label}"))
    commands[word].run()
    assert source.sent[-1] == WatchDevice(device.equipment_id, word.startswith("Start"))


def test_a_huge_lab_has_a_bounded_list() -> None:
    source = SyntheticLab(streams=1, devices=700)
    screen = SimpleNamespace(state=state.initial(10_000_000), frame=None, links=())
    found = panel_commands.commands(source, Actions(cast(Any, screen), source))
    assert len(found) == panel_commands.MAX_COMMANDS


def test_things_of_one_name_are_told_apart_by_their_ids() -> None:
    source = SyntheticLab(streams=1, devices=5)  # of four models
    _, commands = table(source)
    first, _, _, _, last = source.links()[0].equipment
    assert first.label == last.label
    for device in (first, last):
        commands[f"Run benchmark of {device.label} · {device.equipment_id}"].run()
        assert source.sent[-1] == RunBenchmark(device.equipment_id)


def test_what_does_not_come_back_is_asked_twice() -> None:
    _, commands = table(SyntheticLab(streams=1, devices=1, jobs=1))
    asked = {title.split()[0] for title, command in commands.items() if command.is_asked_twice}
    assert asked == {"Stop", "Delete", "Disconnect"}
    assert not commands["Pause acquisition Scope 1"].is_asked_twice


def test_an_alarm_whose_rule_is_unknown_cannot_be_cleared() -> None:
    source = SyntheticLab(streams=1)
    source.labs[0].alarms.take_open([replace(alarm(), alarm_id="")], 1)
    _, commands = table(source)
    assert "Show alarm Too hot" in commands
    assert "Clear alarm Too hot" not in commands

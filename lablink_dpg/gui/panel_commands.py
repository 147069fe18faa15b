"""What panels can do to what servers have told of, as commands for the palette: one for each thing and action there is.

They are made when the palette opens; what has gone by then is told by the server, as when a button is pressed late.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import TypeAlias

from lablink_dpg.gui import acquisition_rows, device_rows
from lablink_dpg.gui.actions import Actions
from lablink_dpg.gui.alarm_rows import Key
from lablink_dpg.gui.calling import call
from lablink_dpg.gui.commands import Command
from lablink_dpg.gui.source import Source
from lablink_dpg.model.alarm import AlarmState
from lablink_dpg.model.link import LinkStatus
from lablink_dpg.model.orders import (
    CaptureWaveform,
    ControlAcquisition,
    ControlJob,
    DisconnectDevice,
    Discover,
    ExportAcquisition,
    RunBenchmark,
)
from lablink_dpg.preferences import LinePalette, ThemeName

MAX_COMMANDS = 2000  # a lab of hundreds of things has so many; the rest is reached in the panels
SCOPE = "oscilloscope"

Named: TypeAlias = tuple[Command, str]  # with the id of what it is about


def commands(source: Source, actions: Actions) -> list[Command]:
    """The gravest alarms first, then devices, acquisitions, jobs, and how it all looks.

    Things of one name are told apart by their ids.
    """
    found = list(islice(_all(source, actions), MAX_COMMANDS))
    times = Counter(command.title for command, _ in found)
    return [
        replace(command, title=f"{command.title} · {name}") if times[command.title] > 1 else command
        for command, name in found
    ]


def _all(source: Source, actions: Actions) -> Iterator[Named]:
    links = source.links()
    yield from _alarms(source, actions)
    for link in links:
        yield from _devices(link, actions)
    yield from _acquisitions(source, actions)
    yield from _jobs(source, actions)
    for link in links:
        yield Command(f"Search for devices at {link.server}", call(actions.order, Discover(), link.server)), link.server
        yield Command(f"Log out of {link.server}", call(actions.log_out, link.server)), link.server
    yield from _looks(source, actions)


def _alarms(source: Source, actions: Actions) -> Iterator[Named]:
    for book in source.books():
        for event in book.alarms.open:
            key, name = Key(book.server, event.event_id), event.name or event.message
            if event.state is AlarmState.ACTIVE:
                yield Command(f"Acknowledge alarm {name}", call(actions.alarms.acknowledge, key)), event.event_id
            yield Command(f"Show alarm {name}", call(actions.alarms.show, key)), event.event_id
            if event.alarm_id:
                clear = call(actions.alarms.clear, book.server, event.alarm_id)
                yield Command(f"Clear alarm {name}", clear), event.event_id


def _devices(link: LinkStatus, actions: Actions) -> Iterator[Named]:
    readings = {name: each for (name, _), each in link.readings.items()}
    for info in link.equipment:
        name, label, server = info.equipment_id, info.label, link.server
        is_on = device_rows.is_on(readings.get(name))
        word = "Stop" if is_on else "Start"
        yield Command(f"{word} readings of {label}", call(actions.watch_device, name, not is_on, server)), name
        yield Command(f"Run benchmark of {label}", call(actions.order, RunBenchmark(name), server)), name
        if info.type == SCOPE:
            yield Command(f"Capture waveform of {label}", call(actions.order, CaptureWaveform(name), server)), name
        disconnect = call(actions.order, DisconnectDevice(name), server)
        yield Command(f"Disconnect {label}", disconnect, is_asked_twice=True), name


def _acquisitions(source: Source, actions: Actions) -> Iterator[Named]:
    for each in source.acquisition_lines():
        name, title = each.info.acquisition_id, each.line.name
        for action in ("start", "pause", "resume", "stop", "delete"):
            if each.info.state in acquisition_rows.ALLOWED[action]:
                run = call(actions.order, ControlAcquisition(name, action, each.info.name), each.server)
                is_asked_twice = action in acquisition_rows.ASKED_TWICE
                yield Command(f"{action.capitalize()} acquisition {title}", run, is_asked_twice=is_asked_twice), name
        export = call(actions.order, ExportAcquisition(name, "csv", each.info.name), each.server)
        yield Command(f"Export acquisition {title} as csv", export), name


def _jobs(source: Source, actions: Actions) -> Iterator[Named]:
    for book in source.books():
        for job in book.jobs.jobs.values():
            yield (
                Command(f"Run job {job.name} now", call(actions.order, ControlJob(job.job_id, "run"), book.server)),
                job.job_id,
            )
            order = ControlJob(job.job_id, "pause" if job.is_enabled else "resume")
            yield (
                Command(f"{order.action.capitalize()} job {job.name}", call(actions.order, order, book.server)),
                job.job_id,
            )


def _looks(source: Source, actions: Actions) -> Iterator[Named]:
    for theme in ThemeName:
        yield Command(f"Theme {theme.value}", call(actions.change_preferences, theme=theme)), ""
    for lines in LinePalette:
        yield Command(f"Line colours {lines.value}", call(actions.change_preferences, lines=lines)), ""
    is_on = source.preferences.notifications
    word = "off" if is_on else "on"
    yield Command(f"Desktop notifications {word}", call(actions.change_preferences, notifications=not is_on)), ""

"""The REST calls of each order: one line an order in ``CALLS``, its coroutine in the module of its subject."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from lablink_dpg.link import acquisition_calls
from lablink_dpg.link.rest import Rest
from lablink_dpg.model.orders import ControlAcquisition, CreateAcquisition, ExportAcquisition
from lablink_dpg.model.topic import Topic

Outcome: TypeAlias = tuple[str, Mapping[str, Any]]  # one line for a person, and the server's answer


class Call(NamedTuple):
    run: Callable[[Rest, Any], Awaitable[Outcome]]  # raises RestError
    changes: tuple[Topic, ...] = ()  # lists to be asked for anew when it is done
    relists: bool = False  # the acquisitions are to be listed anew when it is done


CALLS: Mapping[type, Call] = {
    CreateAcquisition: Call(acquisition_calls.create, relists=True),
    ControlAcquisition: Call(acquisition_calls.control, relists=True),
    ExportAcquisition: Call(acquisition_calls.export),
}

"""Tests of lablink_dpg.link.bell: readings wake a display only while somebody looks at them."""

from __future__ import annotations

import time

from lablink_dpg.link.bell import LinkBell
from lablink_dpg.model.link import LinkEvent
from lablink_dpg.model.messages import Reading

READING = Reading("scope", "readings", {"volts": 1.0}, None)


def is_woken(bell: LinkBell) -> bool:
    began_s = time.monotonic()
    bell.rest(0.05)
    return time.monotonic() - began_s < 0.04


def test_readings_wake_only_while_somebody_looks_at_them_and_all_else_does_always() -> None:
    bell = LinkBell()
    bell.ring_for(READING)
    assert not is_woken(bell)
    bell.ring_for(LinkEvent(0, "connected"))
    assert is_woken(bell)
    bell.is_for_readings = True
    bell.ring_for(READING)
    assert is_woken(bell)
    bell.close()

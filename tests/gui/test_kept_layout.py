"""The layout of one run for the next."""

from __future__ import annotations

from dataclasses import replace

from lablink_dpg.gui import docking, state
from lablink_dpg.gui.docking import PanelName
from lablink_dpg.gui.kept_layout import KeptLayout
from lablink_dpg.gui.pins import PinnedReading
from lablink_dpg.preferences.values import MAX_OBJECT_BYTES
from tests.support.synthetic import SyntheticSource


def test_what_cannot_be_kept_is_told_once_and_what_can_is_kept_again() -> None:
    source = SyntheticSource(streams=1)
    kept = KeptLayout(source)
    first = kept.restored(state.initial(10_000_000))
    long = "x" * (MAX_OBJECT_BYTES // 20)
    huge = replace(first, pinned=tuple(PinnedReading(f"lab:{n}", long, "readings", "volts") for n in range(20)))
    before = source.preferences
    kept.keep(huge)
    for _ in range(3):
        huge = replace(huge, docks=docking.toggle_panel(huge.docks, PanelName.ALARMS))
        kept.keep(huge)
    assert source.preferences == before
    (notice,) = source.notices.shown(source.now_us())
    assert notice.text.startswith("layout not kept: ")
    assert notice.is_problem
    assert notice.times == 1
    opened = replace(first, docks=docking.toggle_panel(first.docks, PanelName.ALARMS))
    kept.keep(opened)
    assert source.preferences.docks != before.docks
    kept.keep(huge)
    assert source.notices.shown(source.now_us())[0].times == 2, "it could be kept in between"

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.gui import docking, layout_memory
from lablink_dpg.gui.docking import Docks, PanelName, Place
from tests.preferences.test_values import ANYTHING


def through_a_file(docks: Docks) -> tuple[Docks, tuple[str, ...]]:
    return layout_memory.restored(json.loads(json.dumps(layout_memory.kept(docks))))


def test_what_was_kept_is_found_again() -> None:
    docks = docking.open_panel(Docks(left=0.31, bottom_split=0.7), PanelName.ALARMS)
    docks = docking.move_panel(docks, PanelName.SETTINGS, Place.RIGHT_TOP)
    assert through_a_file(docks) == (docks, ())
    assert layout_memory.restored({}) == (Docks(), ())


def test_each_part_that_is_wrong_is_told_of_and_costs_no_other() -> None:
    docks = docking.open_panel(Docks(left=0.31, right=0.4), PanelName.ALARMS)
    found = layout_memory.kept(docks)
    for key, wrong in (("opened", 5), ("places", []), ("front", "x"), ("right", "wide"), ("right", 7), ("right", True)):
        restored, problems = layout_memory.restored({**found, key: wrong})
        (problem,) = problems
        assert f'"{key}"' in problem
        assert restored.left == 0.31


def test_panels_and_places_of_another_version_are_left_out() -> None:
    found = {"opened": ["alarms", "oscilloscope", 5, "alarms"], "places": {"alarms": "ceiling", "oscilloscope": "left"}}
    docks, problems = layout_memory.restored(found)
    assert not problems
    assert docks == Docks(opened=(PanelName.ALARMS,))


@given(st.dictionaries(st.sampled_from(list(layout_memory.kept(Docks()))), ANYTHING))
def test_whatever_was_kept_there_are_docks_and_lines_of_text(found: dict[str, Any]) -> None:
    docks, problems = layout_memory.restored(found)
    assert through_a_file(docks)[1] == ()
    assert all(each.isprintable() and len(each) < 200 for each in problems)

"""The layout of docks and plots, from one run to the next: restored at the start, handed over when it changes."""

from __future__ import annotations

from dataclasses import replace

from lablink_dpg.gui import layout_memory, plot_layout
from lablink_dpg.gui.source import Source
from lablink_dpg.gui.state import ViewState


class KeptLayout:
    """Main thread."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._kept: tuple[object, object, object] = None, None, None
        self._is_told = False  # that the present layout cannot be kept

    def restored(self, view: ViewState) -> ViewState:
        """As the last run left it; what cannot be used is told."""
        preferences = self._source.preferences
        docks, problems = layout_memory.restored(preferences.docks)
        for problem in problems:
            self._source.notices.say(problem, self._source.now_us(), is_problem=True)
        plots = plot_layout.layout_from_json(preferences.plots)
        view = replace(view, docks=docks, pinned=plots.pinned, extras=plots.extras)
        self._kept = _of(view)
        return view

    def keep(self, view: ViewState) -> None:
        """For the next start; whoever writes it waits until it stands still. Called every frame.

        One that cannot be kept is told once, and stays as it is on the screen.
        """
        docks, pinned, extras = self._kept
        if view.docks is docks and view.pinned is pinned and view.extras is extras:
            return
        self._kept = _of(view)
        docks, plots = layout_memory.kept(view.docks), plot_layout.layout_to_json(view)
        try:
            self._source.change_preferences(replace(self._source.preferences, docks=docks, plots=plots))
        except ValueError as error:
            if not self._is_told:
                self._is_told = True
                self._source.notices.say(f"layout not kept: {error}", self._source.now_us(), is_problem=True)
        else:
            self._is_told = False


def _of(view: ViewState) -> tuple[object, object, object]:
    """What of the view outlives a run."""
    return view.docks, view.pinned, view.extras

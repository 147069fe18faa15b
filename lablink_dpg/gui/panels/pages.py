"""What lies over the plots when it is asked for: help, log, statistics; one at a time."""

from __future__ import annotations

from collections.abc import Sequence

from lablink_dpg.gui.commands import Command
from lablink_dpg.gui.panels.help import HelpPage
from lablink_dpg.gui.panels.log import LogPage
from lablink_dpg.gui.panels.statistics import Actions, StatisticsPage
from lablink_dpg.gui.source import Source
from lablink_dpg.gui.state import Page
from lablink_dpg.gui.theme import Theme
from lablink_dpg.model.link import LinkStatus
from lablink_dpg.query.names import names_of_several


class Pages:
    """Main thread. What a page shows is asked of the source only while it is shown."""

    def __init__(self, theme: Theme, actions: Actions, source: Source, commands: Sequence[Command]) -> None:
        self._source = source
        self._page = Page.NONE  # that was drawn last
        self.help = HelpPage(theme, commands)
        self._log = LogPage(theme)
        self.statistics = StatisticsPage(theme, actions)

    def draw(self, page: Page, links: Sequence[LinkStatus], window: tuple[int, int], *, has_new_words: bool) -> None:
        """``window``: its width and height. ``has_new_words``: it is time for figures that a person can still read."""
        if page is self._page is Page.NONE:
            return
        self._page = page
        source = self._source
        self.help.draw(page is Page.HELP, window)
        is_log = page is Page.LOG
        events = source.events() if is_log else ()
        # Those that are no longer watched have their lines in it, too.
        servers = tuple(dict.fromkeys([*(link.server for link in links), *(event.server for event in events)]))
        names = names_of_several(servers)
        dropped = source.dropped_events if is_log else 0
        self._log.draw(is_log, events, names, dropped, window)
        is_due = page is Page.STATISTICS and (has_new_words or not self.statistics.is_shown)
        lines = source.server_lines() if is_due else ()
        self.statistics.draw(page is Page.STATISTICS, lines, source.now_us(), window)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point of the window is on one of them."""
        return any(page.holds(x, y) for page in (self.help, self._log, self.statistics))

"""``python -m tests.system.login_window PNG``: a real window, a real link, a server that asks, and hands that type.

First a wrong password, then the right one; beside the plots nothing is left of the question, and no secret anywhere.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from lablink_dpg.clock import AxisClock
from lablink_dpg.gui.toolkit import dpg
from lablink_dpg.gui.window import Window
from lablink_dpg.gui.window_options import WindowOptions
from lablink_dpg.link.address import parse_address
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.link import LinkNeed, LinkState
from lablink_dpg.session import Session
from tests.gui.driver import Driver, Script
from tests.gui.logins import write
from tests.support.secured import PASSWORD, USER, Secured


class LoginDriver(Driver):
    def __init__(self, session: Session, picture: Path) -> None:
        self.session = session
        self.window = Window(session, WindowOptions(fps=60, screenshot=picture, user=USER))

    def until(self, condition: Callable[[], bool]) -> Script:
        """The driver's limit of frames ends it."""
        while not condition():
            yield


def script(driver: LoginDriver, server: Secured) -> Script:
    panel = driver.window.login
    yield from driver.until(lambda: panel.is_shown and dpg.is_item_focused(panel.password))
    assert dpg.get_value(panel.user) == USER
    assert server.logins == (0, 0)
    yield from write(driver, "engine")
    yield from driver.key("Return")
    yield from driver.until(lambda: "4 attempts left" in driver.session.links()[0].needs_why)
    assert server.logins == (1, 0)
    assert panel.is_shown
    yield from driver.pass_frames(20)
    assert dpg.get_value(panel.password) == ""
    (x, y), (width, height) = dpg.get_item_rect_min(panel.password), dpg.get_item_rect_size(panel.password)
    yield from driver.click(x + width / 2, y + height / 2)
    yield from write(driver, PASSWORD)
    yield from driver.key("Return")
    yield from driver.until(lambda: driver.session.links()[0].state is LinkState.STREAMING)
    yield from driver.until(lambda: driver.session.counters().received > 4000)
    yield from driver.pass_frames(60)
    assert server.logins == (2, 0)
    assert driver.session.links()[0].needs is LinkNeed.NOTHING
    assert not panel.is_shown
    told = [repr(driver.session.links()), *(event.text for event in driver.session.events())]
    assert not [secret for secret in server.secrets for text in told if secret in text]


def main() -> None:
    with Secured(streams=4) as server:
        address = parse_address(server.url)
        with Session([address], LinkOptions(user=USER), 100_000, AxisClock()) as session:
            driver = LoginDriver(session, Path(sys.argv[1]))
            driver.run(script(driver, server))
    sys.stdout.write("ok\n")


if __name__ == "__main__":
    main()

"""A message bus of our own, and somebody on it who shows notifications, as a desktop has them."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from dbus_fast.aio.message_bus import MessageBus
from dbus_fast.annotations import DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method

from tests.support.xvfb import need

CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@contextmanager
def bus(directory: Path) -> Iterator[str]:
    """The address of a fresh bus on which there is nobody."""
    program = need("dbus-daemon", "dbus-daemon")
    configuration = directory / "bus.conf"
    configuration.write_text(CONFIGURATION.format(path=directory / "bus"))
    command = [program, f"--config-file={configuration}", "--nofork", "--print-address=1"]
    daemon = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert daemon.stdout is not None
    try:
        address = daemon.stdout.readline().strip()
        assert address, "the message bus ended before it told its address"
        yield address
    finally:
        daemon.terminate()
        daemon.wait(20.0)
        daemon.stdout.close()


class Shown(NamedTuple):
    """One notification as the desktop was asked for it."""

    app: str
    title: str
    text: str
    urgency: int
    timeout_ms: int


class Notifications(ServiceInterface):
    """What a desktop has under this name; it remembers what it was to show."""

    def __init__(self) -> None:
        super().__init__("org.freedesktop.Notifications")
        self.shown: list[Shown] = []

    @dbus_method()
    def Notify(
        self,
        app: DBusStr,
        replaces: DBusUInt32,
        icon: DBusStr,
        title: DBusStr,
        text: DBusStr,
        actions: Annotated[list[str], DBusSignature("as")],
        hints: Annotated[dict[str, Any], DBusSignature("a{sv}")],
        timeout_ms: DBusInt32,
    ) -> DBusUInt32:
        self.shown.append(Shown(app, title, text, hints["urgency"].value, timeout_ms))
        return len(self.shown)

    @dbus_method()
    def GetCapabilities(self) -> Annotated[list[str], DBusSignature("as")]:
        return ["body"]

    @dbus_method()
    def GetServerInformation(self) -> Annotated[tuple[str, str, str, str], DBusSignature("ssss")]:
        return "a desktop", "somebody", "1.0", "1.2"


@asynccontextmanager
async def desktop_on(address: str) -> AsyncIterator[Notifications]:
    """Somebody on the bus who shows notifications."""
    connection = await MessageBus(bus_address=address).connect()
    notifications = Notifications()
    connection.export("/org/freedesktop/Notifications", notifications)
    await connection.request_name("org.freedesktop.Notifications")
    try:
        yield notifications
    finally:
        connection.disconnect()
        await connection.wait_for_disconnect()

"""Closing an asyncio server while somebody connects, without losing the connection.

asyncio takes three turns of its loop from accepting a connection to telling its protocol. A server that is closed in
between drops the socket with a failed assertion, or ends without knowing that it is there: then nobody closes it, and
it is found as an "unclosed transport" when the garbage is collected, in some later test.
"""

from __future__ import annotations

import asyncio
from asyncio.trsock import TransportSocket
from collections.abc import Sequence

TURNS = (
    2  # accepted in this one at the latest: its transport is made in the next, its protocol is told in the one after
)


async def settle_accepted(listening: Sequence[TransportSocket]) -> None:
    """Accept nothing any more, and return when all that was accepted has its protocol; the server can be closed then.

    What connects from now on waits in the kernel, and is reset when the server closes. The loop's thread.
    """
    loop = asyncio.get_running_loop()
    for each in listening:
        loop.remove_reader(each.fileno())
    for _ in range(TURNS):
        await asyncio.sleep(0)

"""Getting in: whether a LabLink server is there, and a WebSocket to it, with reasons that a person can act on."""

from __future__ import annotations

from collections.abc import Callable
from ssl import SSLContext

from lablink_dpg.link.address import ServerAddress
from lablink_dpg.link.backoff import Pace
from lablink_dpg.link.credentials import WEBSOCKET, Credentials
from lablink_dpg.link.dialler import Dialler
from lablink_dpg.link.errors import CallFailed, Cause, LinkDown
from lablink_dpg.link.listing import Listing
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.rest import Rest, RestError
from lablink_dpg.link.websocket import TYPED, Socket, SocketRefused, dial
from lablink_dpg.model.link import Wire


class Door:
    """Network thread only."""

    def __init__(
        self,
        address: ServerAddress,
        options: LinkOptions,
        tls: SSLContext,
        credentials: Credentials,
        pace: Pace,
        listing: Listing,
    ) -> None:
        self._address = address
        self._options = options
        self._tls = tls
        self._credentials = credentials
        self._listing = listing
        self._dialler = Dialler(self._dial, pace, options.dial_overlap_s)
        self._is_met = False  # it has greeted as a LabLink server does

    async def meet(self, rest: Rest) -> RestError | None:
        """The first greeting tells a LabLink server from others; one that is only out of order may be one.

        Returns what is out of order.

        Raises:
            LinkDown: if it is no LabLink server, or nobody is there.
        """
        if self._is_met:
            return None
        try:
            await self._listing.greet(rest)
        except RestError as error:
            if error.cause.is_unreachable or error.cause is Cause.CONTENT:
                raise LinkDown(error.detail) from None
            return error
        self._is_met = True
        return None

    async def greet(self, rest: Rest) -> None:
        """Raises LinkDown where REST does not answer as it should, or would not list anything."""
        try:
            await self._listing.greet(rest)
            if self._credentials.needs_person:
                await rest.sessions()
        except RestError as error:
            raise LinkDown(self._explained(error, error.detail), error.retry_s) from None

    async def open(self, delay_s: float, on_refused: Callable[[LinkDown, float], None]) -> Socket:
        """A WebSocket, tried for after ``delay_s`` and until there is one.

        ``on_refused`` gets what each refusal means if nothing else is to be had, and the wait before the next try.
        """

        def explain(refused: SocketRefused, wait_s: float) -> None:
            on_refused(LinkDown(self._explained(refused, refused.reason), refused.retry_s), wait_s)

        return await self._dialler.run(delay_s, explain)

    async def close(self) -> None:
        """Close the WebSocket that was opened last, if any."""
        await self._dialler.close()

    def _explained(self, refusal: CallFailed, text: str) -> str:
        """What a person can do about it goes before what the server said."""
        return self._credentials.why if refusal.cause is Cause.UNAUTHORIZED and self._credentials.why else text

    async def _dial(self) -> Socket:
        # Offered each time anew: a server may have been replaced by another.
        offer = () if self._options.wire is Wire.JSON else (TYPED,)
        return await self._credentials.through(
            WEBSOCKET, lambda token: dial(self._address, self._options, self._tls, offer, token)
        )

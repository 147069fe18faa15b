"""The link's counts while they change: plain integers of the network thread, frozen when others are to see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from lablink_dpg.model.link import LinkCounters, LinkState

if TYPE_CHECKING:  # it brings ssl, and a tally is made before the first frame
    from lablink_dpg.link.errors import CallFailed

OWN_FAULT = "handler fault"  # reason of a message that was lost to a bug of ours; the log has the traceback


@dataclass(slots=True)
class Tally:
    """Network thread only. Totals since the link was started."""

    messages: int = 0
    bytes: int = 0
    invalid_messages: int = 0  # not usable at all; a mended one counts by its reasons only
    reasons: dict[str, int] = field(default_factory=dict)  # keys come from the small fixed set of the decoder
    reconnects: int = 0
    fallbacks: int = 0
    silent_streams: int = 0
    rest_errors: int = 0
    rest_reasons: dict[str, int] = field(default_factory=dict)  # keys are causes
    zombies: int = 0

    def invalid(self, reason: str) -> None:
        self.invalid_messages += 1
        self.mended(reason)

    def mended(self, reason: str) -> None:
        self.reasons[reason] = self.reasons.get(reason, 0) + 1

    def rest_failed(self, error: CallFailed) -> None:
        """Counts calls: a refusal that is told again while only a person can help was none."""
        if not error.is_repeated:
            self.rest_errors += 1
            self.rest_reasons[error.cause.value] = self.rest_reasons.get(error.cause.value, 0) + 1

    def frozen(
        self, active_streams: int = 0, state_s: Mapping[LinkState, float] = MappingProxyType({})
    ) -> LinkCounters:
        return LinkCounters(
            messages=self.messages,
            bytes=self.bytes,
            invalid_messages=self.invalid_messages,
            invalid_by_reason=MappingProxyType(dict(self.reasons)),
            reconnects=self.reconnects,
            fallbacks=self.fallbacks,
            silent_streams=self.silent_streams,
            rest_errors=self.rest_errors,
            rest_errors_by_reason=MappingProxyType(dict(self.rest_reasons)),
            zombies=self.zombies,
            active_streams=active_streams,
            state_s=state_s,
        )

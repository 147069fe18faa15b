"""Every number that decides how patient a link is, with its reason; tests make them small instead of sleeping."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from lablink_dpg.link.backoff import FIRST_S, MAX_S, QUICK_FOR_S, QUICK_S
from lablink_dpg.model.link import Mode, Wire


@dataclass(frozen=True, slots=True)
class LinkOptions:
    mode: Mode = Mode.HYBRID
    wire: Wire = Wire.AUTO
    interval_ms: int = 50  # wanted time between two messages of a stream
    token: str = field(default="", repr=False)  # a secret: never in a text, a status or a log
    user: str = field(default="", repr=False)  # to log in as, once, with the password
    password: str = field(default="", repr=False)
    remember: bool = False  # keep the login in the system's keyring, and use what is kept there
    is_insecure: bool = False  # do not verify the certificate
    ca_file: Path | None = None  # certificates to trust instead of the system's

    backoff_first_s: float = FIRST_S
    backoff_max_s: float = MAX_S
    quick_retry_s: float = QUICK_S  # longest wait between two tries …
    quick_for_s: float = QUICK_FOR_S  # … for so long after the loss of a link that was up
    stable_s: float = 2.0  # a connection that lived this long was good: its loss does not lengthen the backoff
    dial_overlap_s: float = 1.0  # a try that hangs for this long is not waited for: the next one begins beside it
    poll_after_s: float = (
        1.0  # without a WebSocket for this long polling begins, though the handshake may yet be answered
    )

    relist_s: float = 2.0  # about how soon a new or ended acquisition is noticed; REST's pulse while streaming
    greet_s: float = 10.0  # how soon a new device appears
    list_first_s: float = 0.5  # so long a new connection waits for the list before it asks for what is known already
    silence_s: float = 0.75  # a stream without any message for this long (or 2.5 intervals) is silent: polled by 1 s
    silent_retry_s: float = 30.0  # a silent stream is asked for again this often: repaired servers exist
    poison_retry_s: float = 600.0  # one that silences all others is tried again this often at most
    alert_s: float = 0.1  # silence of all, right after a suspicious stream was asked for: long enough to look closer
    probe_s: float = 0.2  # a stream that has sent is asked for again: without its message after so long, all are dead
    unserved_s: float = 1.0  # streams whose turn to be asked for has not come by then are polled
    readings: bool = True  # readings and measurements of devices as well
    readings_interval_ms: int = 500  # as messages, while nobody looks: each wakes the processor, which is not idle then
    readings_watched_ms: int = 150  # … while somebody does: it looks alive
    readings_poll_ms: int = 500  # where they are asked for over REST, one call a device: as fast as a person reads
    rerequest_s: float = 5.0  # streams are global to a server: asking more often would fight another client
    poll_interval_ms: int = 200  # fastest polling of one acquisition: a poll is up to three requests

    login_retry_s: float = 30.0  # a server that waits for a person is asked so rarely; someone may have opened it
    renew_spacing_s: float = 5.0  # a token so young that is refused has not expired: another one would not help
    shut_s: float = 300.0  # a door that refuses fresh tokens is tried with another one so rarely
    keyring_timeout_s: float = 60.0  # it may ask a person to unlock it

    rest_timeout_s: float = 4.0  # a whole small call; one that is under way when a server freezes ends within 5 s
    rest_silence_s: float = 3.0  # while polling: without any answer for this long, a call that fails means it is gone
    data_timeout_s: float = 10.0  # a whole call that may answer megabytes
    handshake_timeout_s: float = 5.0
    close_timeout_s: float = 0.5  # for the closing handshake; stop() must end in under 2 s with a hung server
    quiet_s: float = 1.0  # nothing at all for so long: the server is asked whether it is there …
    dead_s: float = 3.0  # … and lost when it does not answer for so long; noticed within 5 s
    ping_interval_s: float = 5.0  # the WebSocket's own, for servers that do not know the message ``ping``; …
    ping_timeout_s: float = 20.0  # … longer than a connection may be behind: its answer waits behind all messages

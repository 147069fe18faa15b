"""``lablink-sim``: a simulated LabLink server on the command line."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import ssl
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from lablink_dpg import __version__
from lablink_dpg.sim import DEFAULT_BUFFER, script, supervision
from lablink_dpg.sim.access import DEFAULT_PASSWORD, TOKEN_LIFE_S, TOKEN_VARIABLE
from lablink_dpg.sim.bench import BenchOptions
from lablink_dpg.sim.lab import Lab
from lablink_dpg.sim.server import Certificate, bind, run
from lablink_dpg.sim.timeline import MAX_RATE_HZ, MIN_RATE_HZ

CANNOT_LISTEN = 1
MAX_TOKEN_LIFE_S = 86_400 * 366

DESCRIPTION = """\
A simulated LabLink server: REST and WebSocket (/ws) as LabLink 1.2.5 speaks them, its defects included.
Without --streams it shows a small demo bench: an oscilloscope, a power supply that feeds an electronic load, three
acquisitions, an alarm now and then. With --streams N it runs N acquisitions and, unless it is
--lively, nothing else.
Every signal is a known function of the sample's number and the seed; the status of an acquisition tells which
(config.metadata.signals), so that a client can check each sample it got."""

EPILOG = f"""\
Faults, each with its ARG and in brackets what that is when it is left out:
{script.describe()}

The client chooses how often it is sent how much: interval_ms and num_samples of start_acquisition_stream.
Exit codes: 0 ended by SIGTERM or Ctrl-C, 1 cannot listen on the address, 2 wrong usage."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see --help)\n")


def _whole(low: int, high: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{value} is not in {low}..{high}")
        return value

    convert.__name__ = "whole number"
    return convert


def _rate(text: str) -> float:
    value = float(text)
    if not MIN_RATE_HZ <= value <= MAX_RATE_HZ:
        raise argparse.ArgumentTypeError(f"{value:g} Hz is not in {MIN_RATE_HZ:g}..{MAX_RATE_HZ:g}")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= MAX_TOKEN_LIFE_S:
        raise argparse.ArgumentTypeError(f"{value:g} s is not between 0 and {MAX_TOKEN_LIFE_S}")
    return value


def make_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="lablink-sim",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    port = _whole(0, 65535)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=port, default=8000, help="0 lets the system choose (%(default)s)")
    parser.add_argument("--ws-port", type=port, metavar="PORT", help="a port of its own for the WebSocket")
    parser.add_argument("--streams", type=_whole(0, 4096), metavar="N", help="N acquisitions instead of the demo bench")
    parser.add_argument(
        "--devices", type=_whole(0, 500), default=0, metavar="N", help="further supplies and loads (%(default)s)"
    )
    parser.add_argument(
        "--alarms", type=_whole(0, 1000), default=0, metavar="N", help="alarms that are up from the start (%(default)s)"
    )
    parser.add_argument("--lively", action="store_true", help="alarms, jobs and health as in the demo, with --streams")
    parser.add_argument("--rate", type=_rate, default=1000.0, metavar="HZ", help="samples a second (1000)")
    parser.add_argument(
        "--loop",
        action="store_true",
        help="signals of --streams repeat, from tables: for millions of samples/s",
    )
    parser.add_argument("--channels", type=_whole(1, 64), default=1, metavar="C", help="of each acquisition (1)")
    parser.add_argument("--seed", type=_whole(0, 2**31), default=0, metavar="S", help="of signals and ids (0)")
    parser.add_argument(
        "--buffer",
        type=_whole(1, 10_000_000),
        default=DEFAULT_BUFFER,
        metavar="SAMPLES",
        help="kept for each channel (%(default)s)",
    )
    parser.add_argument(
        "--token",
        metavar="T",
        default=os.environ.get(TOKEN_VARIABLE),
        help=f"switch security on; this token opens it, as a login's does ({TOKEN_VARIABLE} keeps it out of sight)",
    )
    parser.add_argument(
        "--password", default=DEFAULT_PASSWORD, metavar="P", help="for logins of any user (%(default)s)"
    )
    parser.add_argument(
        "--token-life",
        type=_seconds,
        default=TOKEN_LIFE_S,
        metavar="SECONDS",
        help="of what a login gives (%(default)s)",
    )
    parser.add_argument(
        "--wire",
        choices=("auto", "json"),
        default="auto",
        help="typed messages for clients that offer to take them, or JSON for all (%(default)s)",
    )
    parser.add_argument(
        "--strict-locks", action="store_true", help="connections of devices want a session and a lock as well"
    )
    parser.add_argument("--certfile", type=Path, metavar="PEM", help="https and wss, with this certificate")
    parser.add_argument("--keyfile", type=Path, metavar="PEM", help="its key, where that is a file of its own")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[@SECONDS][:ARG]",
        help="what goes wrong, from the start or so long after the first connection; repeatable",
    )
    talk = parser.add_mutually_exclusive_group()
    talk.add_argument("--quiet", action="store_true", help="print nothing but errors")
    talk.add_argument("--verbose", action="store_true", help="print every request")
    parser.add_argument(
        "--supervised",
        action="store_true",
        help="for programs: print the ports as one line of JSON when ready, end when standard input closes",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    parser = make_parser()
    arguments = parser.parse_args(argv)
    try:
        faults = script.parse_all(arguments.fault, has_ws_port=arguments.ws_port is not None)
    except ValueError as problem:
        parser.error(f"argument --fault: {problem}")
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    certificate = None
    if arguments.certfile is not None:
        certificate = Certificate(arguments.certfile, arguments.keyfile)
        try:
            certificate.check()
        except OSError as problem:
            why = "no certificate with its key" if isinstance(problem, ssl.SSLError) else problem.strerror
            parser.error(f"argument --certfile: {why}")
    lab = Lab(
        BenchOptions(
            arguments.streams,
            arguments.rate,
            arguments.channels,
            arguments.seed,
            arguments.buffer,
            devices=arguments.devices,
            alarms=arguments.alarms,
            is_looped=arguments.loop,
            is_lively=arguments.lively,
        ),
        token=arguments.token,
        password=arguments.password,
        token_life_s=arguments.token_life,
        has_strict_locks=arguments.strict_locks,
        is_typed=arguments.wire == "auto",
    )
    sockets = []
    for port in (arguments.port, arguments.ws_port):
        if port is not None:
            try:
                sockets.append(bind(arguments.host, port))
            except OSError as problem:
                print(f"lablink-sim: cannot listen on {arguments.host}:{port}: {problem.strerror}", file=sys.stderr)
                for sock in sockets:
                    sock.close()
                return CANNOT_LISTEN
    scheme = "http" if certificate is None else "https"
    ports = [sock.getsockname()[1] for sock in sockets]

    def on_ready(stop: Callable[[], None]) -> None:
        if arguments.supervised:
            supervision.ready(scheme, ports)
            supervision.obey(lab.faults, stop)
        elif not arguments.quiet:
            extra = f", WebSocket on port {ports[1]}" if len(ports) > 1 else ""
            count = len(lab.acquisitions)
            host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
            print(f"LabLink simulator on {scheme}://{host}:{ports[0]}{extra}: {count} acquisitions", flush=True)

    level = "info" if arguments.verbose else "warning"
    asyncio.run(run(lab, *sockets, faults=faults, certificate=certificate, log_level=level, on_ready=on_ready))
    return 0


if __name__ == "__main__":
    sys.exit(main())

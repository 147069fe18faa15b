"""The command line: words → Settings → app → exit code.

What the command line does not say, the environment does, then what a person has chosen in earlier runs.

Options carry no defaults here: what is not on the command line is not in the result, so that each default stands
once, in ``Settings``. ``app`` is imported late, because it brings numpy and the window, and ``--help`` needs neither.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn

from lablink_dpg import __version__, interrupts, logs
from lablink_dpg.link.address import parse_address
from lablink_dpg.model.exit_code import EXIT_MEANINGS, ExitCode
from lablink_dpg.model.link import Mode, Wire
from lablink_dpg.model.storage import Storage
from lablink_dpg.preferences import Preferences, Server
from lablink_dpg.preferences.file import Loaded, load
from lablink_dpg.settings import (
    BOUNDS,
    DEFAULT_SERVER,
    ENVIRONMENT,
    MAX_SERVERS,
    TOKEN_VARIABLE,
    Settings,
    SettingsError,
)
from lablink_dpg.sim.script import parse_all

log = logging.getLogger(__name__)

_DEFAULTS: Mapping[str, Any] = {each.name: each.default for each in fields(Settings)}
_KEPT = ("mode", "wire", "fps", "window_s", "history", "storage", "notifications")  # as in Preferences
_OF_STRESS_RUN = frozenset({"rate_hz", "channels", "seed", "faults"})


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program. Raises nothing but SystemExit(0), by --help and --version."""
    # Before numpy is imported: with huge pages a channel's part of a ring takes 2 MB from its first sample on.
    os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
    try:
        given = _given(argv)
        if "user" not in given:  # who logs in has no use for a token that lies around in the environment
            given["token"] = given.get("token") or os.environ.get(TOKEN_VARIABLE) or None
        logs.set_up(given.get("log_file"), is_verbose=given.get("verbose", False), token=given.get("token"))
        given = {**_environment(os.environ, is_stress="streams" in given), **given}
        loaded = load()
        settings = _settings(given, loaded.preferences)
    except SettingsError as error:
        return _usage(error)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    return _run(settings, loaded)


def _given(argv: Sequence[str] | None) -> dict[str, Any]:
    """What is on the command line. Raises SettingsError."""
    namespace, unknown = _parser().parse_known_intermixed_args(argv)
    # With a space in it an unknown option passes for a server.
    unknown += [each for each in vars(namespace).get("servers", ()) if each.startswith("-")]
    if unknown:  # by name only: the value of a mistyped --token=T is not repeated
        names = " ".join(each.partition("=")[0] for each in unknown)
        raise SettingsError(f"unrecognized arguments: {names}")
    return vars(namespace)


def _usage(error: SettingsError) -> int:
    print("lablink-dpg: error:", " ".join(str(error).split()), file=sys.stderr)
    return ExitCode.USAGE


def _environment(environ: Mapping[str, str], *, is_stress: bool) -> dict[str, Any]:
    """What it says of this run. Raises SettingsError."""
    found: dict[str, Any] = {}
    for name, variable in ENVIRONMENT.items():
        if is_stress and name == "ws_port":  # that of the servers one usually watches, not of an own simulator
            continue
        if text := environ.get(variable):
            if name in CHOICES:
                found[name] = CHOICES[name](text, variable)
            else:
                found[name] = replace(BOUNDS[name], option=variable).parse(text)
    return found


def _run(settings: Settings, loaded: Loaded) -> int:
    try:
        with interrupts.held():
            from lablink_dpg import app

        return app.run(settings, loaded)
    except SettingsError as error:
        return _usage(error)
    except KeyboardInterrupt:  # during a run the app makes it a normal end; this one came before or after
        return ExitCode.INTERRUPTED
    except Exception as error:
        log.critical("%s: %s", type(error).__name__, error, exc_info=True)
        return ExitCode.FAILED


def _settings(given: Mapping[str, Any], kept: Preferences) -> Settings:
    """Validate, with the last servers where none is named. Raises SettingsError."""
    servers = tuple(given.get("servers", ()))
    ws_ports: tuple[int | None, ...] = (kept.ws_port,) * len(servers)
    if not servers and "streams" not in given:
        last = _usable(kept)
        servers = tuple(each.address for each in last) or (DEFAULT_SERVER,)
        ws_ports = tuple(each.ws_port or kept.ws_port for each in last) or (kept.ws_port,)
    settings = Settings(
        **{
            **{name: getattr(kept, name) for name in _KEPT},
            # Nobody sits there, unless who asked says so.
            **({"notifications": False} if given.get("headless") or given.get("tour") else {}),
            **given,
            "servers": servers,
            "ws_ports": ws_ports if any(ws_ports) else (),
            "faults": tuple(given.get("faults", ())),
        }
    )
    try:
        _check_servers(settings.servers)
    except ValueError as error:
        raise SettingsError(str(error)) from None
    for option, path in (("--report", settings.report), ("--screenshot", settings.screenshot)):
        # A run of hours must not end with "no such directory".
        if path is not None and not path.parent.is_dir():
            raise SettingsError(f"{option} {str(path)!r}: there is no directory {str(path.parent)!r}")
        if path is not None and path.is_dir():
            raise SettingsError(f"{option} {str(path)!r}: must be a file, this is a directory")
    if settings.tour is not None:
        _make_folder(settings.tour)
    if settings.ca_file is not None:
        _check_certificates(settings.ca_file)
    if settings.remember and settings.token is not None:
        log.warning("--remember has no effect with a fixed token")
    if settings.streams is None:
        for name in sorted(given.keys() & _OF_STRESS_RUN):
            log.warning("%s has no effect without --streams", "--fault" if name == "faults" else BOUNDS[name].option)
    try:
        parse_all(settings.faults, has_ws_port=settings.ws_port is not None)
    except ValueError as error:
        raise SettingsError(f"--fault {error}") from None
    return settings


def _usable(kept: Preferences) -> tuple[Server, ...]:
    """The servers of the last run, none of them if one cannot be watched."""
    try:
        _check_servers([each.address for each in kept.last_servers])
    except ValueError as error:
        log.warning("the servers of the last run are not watched again: %s", error)
        return ()
    return kept.last_servers


def _make_folder(path: Path) -> None:
    """Raises SettingsError where pictures cannot be put."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"--tour {str(path)!r}: {error.strerror}") from None


def _check_certificates(path: Path) -> None:
    """Raises SettingsError for a file that holds no certificates."""
    import ssl  # here: few runs need it, and it takes its time

    try:
        ssl.create_default_context(cafile=str(path))
    except OSError as error:  # ssl's own errors are OSErrors
        why = "holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise SettingsError(f"--ca-file {str(path)!r}: {why}") from None


def _check_servers(servers: Sequence[str]) -> None:
    """Raises ValueError for what is no address, and for the same server twice."""
    known = set()
    for number, server in enumerate(servers, 1):
        name = "SERVER" if len(servers) == 1 else f"SERVER {number}"
        try:
            address = parse_address(server)
        except ValueError as error:  # its text does not repeat the address, which may contain a password
            raise ValueError(f"{name}: {error}") from None
        if (address.host, address.port) in known:
            raise ValueError(f"{name}: {address.shown} is given twice")
        known.add((address.host, address.port))


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line instead of argparse's usage text; ``main`` prints it."""
        raise SettingsError(message)


def _mode(text: str, option: str = "--mode") -> Mode:
    try:
        return Mode(text)
    except ValueError:
        raise SettingsError(f"{option} {text!r}: must be one of {', '.join(Mode)}") from None


def _wire(text: str, option: str = "--wire") -> Wire:
    try:
        return Wire(text)
    except ValueError:
        raise SettingsError(f"{option} {text!r}: must be one of {', '.join(Wire)}") from None


def _storage(text: str, option: str = "--storage") -> Storage:
    try:
        return Storage(text)
    except ValueError:
        raise SettingsError(f"{option} {text!r}: must be one of {', '.join(Storage)}") from None


CHOICES: Mapping[str, Callable[[str, str], StrEnum]] = {"mode": _mode, "wire": _wire, "storage": _storage}


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="lablink-dpg",
        description="Live display for fast lab acquisitions of LabLink servers.",
        epilog="exit codes:\n" + "\n".join(f"  {code:>3}  {EXIT_MEANINGS[code]}" for code in ExitCode),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,  # a script's --rep would change its meaning with the next option that begins so
    )
    parser.add_argument(
        "servers",
        metavar="SERVER",
        nargs="*",
        help=f"host, host:port or URL, up to {MAX_SERVERS}; without any: those of the last run, else {DEFAULT_SERVER}",
    )

    stress = parser.add_argument_group("stress run")
    _number(stress, "streams", "N", "start an own simulator with N acquisitions, shown like any server's")
    _number(stress, "rate_hz", "HZ", "samples per second of each channel")
    _number(stress, "channels", "C", "channels of each acquisition")
    _number(stress, "interval_ms", "MS", "time between two messages of a stream")
    _number(stress, "seed", "S", "of the signals")
    stress.add_argument(
        "--fault",
        metavar="NAME[@SECONDS][:ARG]",
        action="append",
        dest="faults",
        help="let the simulator go wrong; repeatable, lablink-sim --help lists them",
    )

    link = parser.add_argument_group("link")
    _number(link, "ws_port", "PORT", "port of the WebSocket, where it is not that of REST")
    link.add_argument("--mode", metavar="|".join(Mode), type=_mode, help=f"how samples come ({_DEFAULTS['mode']})")
    text = f"how they are written: typed arrays or JSON, auto by what the server knows ({_DEFAULTS['wire']})"
    link.add_argument("--wire", metavar="|".join(Wire), type=_wire, help=text)
    _number(link, "retry_max_s", "SECONDS", "longest wait before a server that is away is tried again")
    text = f"access token, for each SERVER; {TOKEN_VARIABLE} keeps it out of the process list"
    link.add_argument("--token", metavar="T", help=text)
    link.add_argument("--user", metavar="NAME", help="log in; the password is asked for, here or in the window")
    link.add_argument(
        "--remember", action="store_true", help="keep the login, not the password, in the system's keyring, and use it"
    )
    link.add_argument("--ca-file", metavar="PATH", type=Path, help="certificates to trust instead of the system's")
    link.add_argument("--insecure", action="store_true", help="https without verifying who answers; shown in red")

    display = parser.add_argument_group("display")
    _number(display, "fps", "F", "frames per second")
    _number(display, "window_s", "SECONDS", "time that a plot shows")
    _number(display, "history", "SAMPLES", "samples per channel that stay in memory")
    text = f"how they stay there; float32 has 7 digits, up to 3.4e38, in half the memory ({_DEFAULTS['storage']})"
    display.add_argument("--storage", metavar="|".join(Storage), type=_storage, help=text)
    display.add_argument("--headless", action="store_true", help="the same pipeline without a window")
    text = "tell the desktop of critical alarms and worse health; the default, but with --headless"
    display.add_argument("--notifications", action=argparse.BooleanOptionalAction, help=text)

    run = parser.add_argument_group("run")
    _number(run, "duration_s", "SECONDS", "stop by itself")
    run.add_argument(
        "--verify",
        action="store_true",
        help="compare every stored sample with the simulator's known signal, by absolute index",
    )
    run.add_argument("--report", metavar="PATH|-", type=Path, help="JSON on exit; with - it is all of standard output")
    run.add_argument(
        "--tour", metavar="DIR", type=Path, help="walk through every panel and state, a PNG of each into DIR, and end"
    )
    run.add_argument("--screenshot", metavar="PATH", type=Path, help="PNG of the window just before exit")
    run.add_argument("--verbose", action="store_true", help="tell more on standard error, with tracebacks")
    run.add_argument("--log-file", metavar="PATH", type=Path, help="append the log to this file")
    run.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


def _number(group: argparse._ArgumentGroup, name: str, metavar: str, text: str) -> None:
    """Add the option of one bounded field; its help ends with the default."""
    parse: Callable[[str], int | float] = BOUNDS[name].parse
    default = _DEFAULTS[name]
    shown = text if default is None else f"{text} ({default:.10g})"
    group.add_argument(BOUNDS[name].option, dest=name, metavar=metavar, type=parse, help=shown)

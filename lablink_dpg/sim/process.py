"""The simulator as a child process: its load is not ours, it never outlives us, it leaves no zombie.

The child binds port 0 and tells its port, so that no port is guessed and lost again before it listens. It watches its
standard input, which closes when we die in whatever way, SIGKILL included.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import IO, Any, Final, Self

from lablink_dpg.sim.access import TOKEN_VARIABLE

START_TIMEOUT_S: Final = 30.0  # imports on a cold and busy disk; normally half a second
FAULT_TIMEOUT_S: Final = 10.0  # for the answer of a simulator that is busy
STOP_TIMEOUT_S: Final = 5.0  # the simulator promises two seconds


class SimStartError(Exception):
    """The simulator did not come up; its text says why in one line."""


class SimProcess:
    """``with SimProcess(streams=16) as sim: … sim.url``. Methods from one thread only."""

    def __init__(
        self,
        *,
        streams: int | None = None,
        rate_hz: float = 1000.0,
        channels: int = 1,
        seed: int = 0,
        buffer_size: int | None = None,
        token: str | None = None,
        ws_port: int | None = None,
        faults: Sequence[str] = (),
        extra_arguments: Sequence[str] = (),
        start_timeout_s: float = START_TIMEOUT_S,
    ) -> None:
        """Nothing starts before ``start``. ``ws_port``: of its own for the WebSocket; 0 lets the system choose.
        ``faults``: of ``sim.script``, those with a time included.
        """
        command = [sys.executable, "-m", "lablink_dpg.sim", "--supervised", "--port", "0"]
        command += ["--rate", repr(rate_hz), "--channels", str(channels), "--seed", str(seed)]
        if streams is not None:
            command += ["--streams", str(streams)]
        if buffer_size is not None:
            command += ["--buffer", str(buffer_size)]
        if ws_port is not None:
            command += ["--ws-port", str(ws_port)]
        for fault in faults:
            command += ["--fault", fault]
        self._command = [*command, *extra_arguments]
        # Not among the arguments, which every user of the machine can read.
        self._environment = {**os.environ, **({TOKEN_VARIABLE: token} if token is not None else {})}
        self._start_timeout_s = start_timeout_s
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None  # the child's stderr: a file, which never fills up as a pipe does
        self._ports: dict[str, Any] = {}

    @property
    def url(self) -> str:
        return f"{self._ports['scheme']}://127.0.0.1:{self._ports['port']}"

    @property
    def ws_port(self) -> int:
        """Where ``/ws`` is; the port of ``url`` unless ``ws_port`` was asked for."""
        return int(self._ports["ws_port"])

    @property
    def ws_url(self) -> str:
        return f"{self._ports['scheme'].replace('http', 'ws')}://127.0.0.1:{self.ws_port}/ws"

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> Self:
        """``launch`` and ``wait``."""
        self.launch()
        return self.wait()

    def launch(self) -> None:
        """Returns at once; the simulator is on its way up."""
        assert self._process is None, "started already"
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop()
        # A process group of its own: Ctrl-C in a terminal reaches us alone, and we end the simulator in our order.
        group: dict[str, Any] = {"process_group": 0}
        if sys.platform == "win32":
            group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=self._environment,
            **group,
        )

    def wait(self) -> Self:
        """Returns when the simulator accepts connections.

        Raises:
            SimStartError: if it ends or stays silent for ``start_timeout_s`` instead.
        """
        assert self._process is not None, "not launched"
        line = self._line(self._process, self._start_timeout_s)
        if not line:
            reason = f"no answer within {self._start_timeout_s:g} s"
            if line is not None:
                reason = self._last_error() or f"exit code {self._process.poll()}"
            self.stop()
            raise SimStartError(f"the simulator did not start: {reason}")
        self._ports = json.loads(line)
        return self

    def fault(self, text: str) -> None:
        """Begin a fault, ``NAME[:ARG]`` of ``sim.script``; it holds when this returns.

        Raises:
            ValueError: if the simulator knows no such fault.
            TimeoutError: if it does not answer.
        """
        assert self._process is not None, "not started"
        assert self._process.stdin is not None
        assert "\n" not in text
        self._process.stdin.write(text.encode() + b"\n")
        self._process.stdin.flush()
        line = self._line(self._process, FAULT_TIMEOUT_S)
        if not line:
            raise TimeoutError(f"the simulator does not answer to {text!r}")
        error = json.loads(line)["error"]
        if error is not None:
            raise ValueError(error)

    def stop(self) -> None:
        """End it and wait until it is gone. No effect when it is not running."""
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        if process.poll() is None:
            process.terminate()
            if sys.platform != "win32":
                process.send_signal(signal.SIGCONT)  # it may be frozen
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._errors is not None:
            self._errors.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _line(self, process: subprocess.Popen[bytes], timeout_s: float) -> bytes | None:
        """Empty if the child ends, None if the time is up, which ends it.

        A thread, since Windows cannot wait for a pipe otherwise.
        """
        lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        assert process.stdout is not None
        reader = threading.Thread(target=lambda out: lines.put(out.readline()), args=(process.stdout,), daemon=True)
        reader.start()
        try:
            line = lines.get(timeout=timeout_s)
            if not line:
                process.wait()  # its standard error is complete then
            return line
        except queue.Empty:
            process.kill()  # ends the reader, too
            return None
        finally:
            reader.join()

    def _last_error(self) -> str:
        assert self._errors is not None
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

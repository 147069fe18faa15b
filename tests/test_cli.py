from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import lablink_dpg
from lablink_dpg.cli import main
from lablink_dpg.model.exit_code import EXIT_MEANINGS, ExitCode
from lablink_dpg.model.link import Mode, Wire
from lablink_dpg.model.storage import Storage
from lablink_dpg.preferences import Server
from lablink_dpg.preferences.file import Loaded, save
from lablink_dpg.settings import Settings, SettingsError
from tests.support import certificates

SECRET = "s3cret/token"


class FakeApp(ModuleType):
    """Stands where ``lablink_dpg.app`` stands: the command line's only exit."""

    def __init__(self) -> None:
        super().__init__("lablink_dpg.app")
        self.seen: list[Settings] = []
        self.behaviour: Callable[[], int] = lambda: 0

    def run(self, settings: Settings, loaded: Loaded) -> int:
        self.seen.append(settings)
        self.loaded = loaded
        return self.behaviour()


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> FakeApp:
    fake = FakeApp()
    monkeypatch.setitem(sys.modules, "lablink_dpg.app", fake)
    monkeypatch.setattr(lablink_dpg, "app", fake, raising=False)
    return fake


def remember_servers(servers: list[str], directory: Path) -> None:
    assert save({"last_servers": servers}, directory) == ""


def parsed(app: FakeApp, *words: str) -> Settings:
    assert main(words) == 0
    return app.seen[-1]


def test_every_option_arrives_in_its_setting(app: FakeApp, tmp_path: Path) -> None:
    run = parsed(
        app,
        *("--streams", "64", "--rate", "10000", "--channels", "4", "--interval-ms", "20", "--seed", "7"),
        *(
            "--ws-port",
            "8001",
            "--mode",
            "polling",
            "--wire",
            "json",
            "--retry-max",
            "5",
            "--token",
            "T",
            "--fps",
            "60",
        ),
        *("--window", "2.5", "--history", "5000", "--duration", "15", "--headless", "--verify", "--report", "-"),
        *("--verbose", "--log-file", str(tmp_path / "log")),
    )

    assert run == Settings(
        streams=64,
        rate_hz=10_000.0,
        channels=4,
        interval_ms=20,
        seed=7,
        ws_port=8001,
        mode=Mode.POLLING,
        wire=Wire.JSON,
        retry_max_s=5.0,
        token="T",
        fps=60.0,
        window_s=2.5,
        history=5000,
        duration_s=15.0,
        headless=True,
        notifications=False,
        verify=True,
        report=Path("-"),
        verbose=True,
        log_file=tmp_path / "log",
    )


def test_without_options_each_default_is_that_of_settings(app: FakeApp) -> None:
    assert parsed(app, "lab:8000") == Settings(servers=("lab:8000",))


def test_a_tour_has_its_folder_made_and_tells_nobody_on_the_desktop(app: FakeApp, tmp_path: Path) -> None:
    settings = parsed(app, "lab", "--tour", str(tmp_path / "a" / "b"))
    assert settings.tour == tmp_path / "a" / "b"
    assert settings.tour.is_dir()
    assert not settings.notifications


def test_a_tour_into_a_file_is_a_usage_error(app: FakeApp, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["lab", "--tour", str(tmp_path / "file")]) == ExitCode.USAGE
    assert "--tour" in capsys.readouterr().err


def test_screenshot_arrives(app: FakeApp, tmp_path: Path) -> None:
    assert parsed(app, "lab", "--screenshot", str(tmp_path / "x.png")).screenshot == tmp_path / "x.png"


def test_faults_arrive_in_their_order(app: FakeApp) -> None:
    settings = parsed(app, "--streams", "1", "--ws-port", "9", "--fault", "restart@5:gone", "--fault", "no-ws:closed")
    assert settings.faults == ("restart@5:gone", "no-ws:closed")


def test_without_a_server_it_is_the_last_one_else_the_local_one(
    app: FakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABLINK_DPG_CONFIG_DIR", str(tmp_path))
    assert parsed(app).servers == ("localhost:8000",)
    remember_servers(["lab7:8000"], tmp_path)
    assert parsed(app).servers == ("lab7:8000",)
    assert parsed(app, "other").servers == ("other",)
    remember_servers(["lab7:8000", "lab8"], tmp_path)
    assert parsed(app).servers == ("lab7:8000", "lab8")
    assert parsed(app, "--streams", "2").servers == ()


def test_several_servers_may_stand_anywhere_between_the_options(app: FakeApp) -> None:
    run = parsed(app, "a:8000", "--headless", "b:8000", "--duration", "5", "c")
    assert run == Settings(servers=("a:8000", "b:8000", "c"), headless=True, notifications=False, duration_s=5.0)


@pytest.mark.parametrize(("servers", "said"), [(["lab", "lab:8000"], "twice"), (["http://["], "cannot be read")])
def test_last_servers_that_cannot_be_watched_are_a_warning_of_one_line(
    servers: list[str],
    said: str,
    app: FakeApp,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LABLINK_DPG_CONFIG_DIR", str(tmp_path))
    remember_servers(servers, tmp_path)
    assert parsed(app).servers == ("localhost:8000",)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("lablink-dpg: warning: ")
    assert said in line


def test_a_broken_file_is_one_line_on_standard_error_and_reaches_the_window(
    app: FakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LABLINK_DPG_CONFIG_DIR", str(tmp_path))
    (tmp_path / "preferences.json").write_text('{"fps": 5')

    assert parsed(app) == Settings(servers=("localhost:8000",))
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("lablink-dpg: warning: ")
    assert "preferences.json.broken" in line
    assert app.loaded.problems == (line.removeprefix("lablink-dpg: warning: "),)


def test_the_command_line_goes_before_the_environment_and_that_before_what_was_kept(
    app: FakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABLINK_DPG_CONFIG_DIR", str(tmp_path))
    save({"fps": 20, "mode": "polling", "wire": "json", "window_s": 3, "history": 5000, "ws_port": 9001}, tmp_path)
    run = parsed(app, "lab")
    assert (run.fps, run.mode, run.window_s, run.history) == (20, Mode.POLLING, 3, 5000)
    assert run.wire is Wire.JSON
    assert (run.ws_port, run.ws_ports) == (None, (9001,))
    monkeypatch.setenv("LABLINK_DPG_WIRE", "typed")
    for name, value in (("FPS", "40"), ("MODE", "websocket"), ("WINDOW", "4"), ("HISTORY", "6000"), ("WS_PORT", "9")):
        monkeypatch.setenv(f"LABLINK_DPG_{name}", value)
    run = parsed(app, "lab")
    assert (run.fps, run.mode, run.window_s, run.history) == (40, Mode.WEBSOCKET, 4, 6000)
    assert (run.ws_port, run.wire) == (9, Wire.TYPED)
    assert parsed(app, "lab", "--wire", "auto").wire is Wire.AUTO
    run = parsed(app, "lab", "--fps", "50", "--mode", "hybrid", "--window", "5", "--history", "7000", "--ws-port", "8")
    assert (run.fps, run.mode, run.window_s, run.history, run.ws_port) == (50, Mode.HYBRID, 5, 7000, 8)


def test_how_values_are_kept_is_chosen_like_how_many(
    app: FakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABLINK_DPG_CONFIG_DIR", str(tmp_path))
    assert parsed(app, "lab").storage is Storage.FLOAT64
    save({"storage": "float32"}, tmp_path)
    assert parsed(app, "lab").storage is Storage.FLOAT32
    monkeypatch.setenv("LABLINK_DPG_STORAGE", "float64")
    assert parsed(app, "lab").storage is Storage.FLOAT64
    assert parsed(app, "lab", "--storage", "float32").storage is Storage.FLOAT32


def test_a_stress_run_has_nothing_to_do_with_the_port_of_other_servers(
    app: FakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABLINK_DPG_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("LABLINK_DPG_WS_PORT", "9")
    save({"ws_port": 9001}, tmp_path)
    assert parsed(app, "--streams", "1") == Settings(streams=1)


def test_each_server_of_the_last_run_has_its_own_port(
    app: FakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABLINK_DPG_CONFIG_DIR", str(tmp_path))
    save({"last_servers": [Server("a", 9001)._asdict(), "b"]}, tmp_path)
    run = parsed(app)
    assert (run.servers, run.ws_ports) == (("a", "b"), (9001, None))


def test_a_wrong_value_in_the_environment_is_an_error_that_names_it(
    app: FakeApp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (
        ("LABLINK_DPG_FPS", "many"),
        ("LABLINK_DPG_MODE", "fast"),
        ("LABLINK_DPG_WIRE", "x"),
        ("LABLINK_DPG_STORAGE", "int8"),
    ):
        with monkeypatch.context() as context:
            context.setenv(name, value)
            assert main(["lab"]) == ExitCode.USAGE
        assert f"{name} '{value}': must be" in capsys.readouterr().err


def test_the_token_comes_from_the_environment_unless_it_is_given(app: FakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABLINK_TOKEN", "of-environment")
    assert parsed(app, "lab").token == "of-environment"
    assert parsed(app, "lab", "--token", "given").token == "given"
    monkeypatch.setenv("LABLINK_TOKEN", "")
    assert parsed(app, "lab").token is None


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--wire", "barbed"], ["--wire", "'barbed'", "auto, json, typed"]),
        (["--mode", "carrier-pigeon"], ["--mode", "'carrier-pigeon'", "hybrid, websocket, polling"]),
        (["--streams", "1", "--rate", "-5"], ["--rate", "-5", "0.01"]),
        (["--rate", "nan", "--streams", "1"], ["--rate", "nan"]),
        (["--rate=-inf", "--streams", "1"], ["--rate", "-inf"]),
        (["--streams", "0"], ["--streams", "0", "1 to 1024"]),
        (["--streams", "many"], ["--streams", "'many'"]),
        (["--streams"], ["--streams"]),
        (["--duration", "inf"], ["--duration", "inf"]),
        (["--ws-port", "65536"], ["--ws-port", "65536", "65535"]),
        (["--streams", "1", "--fault", "nope"], ["--fault", "'nope'", "refuse, "]),
        (["--streams", "1", "--fault", "reset", "--fault", "reset@x"], ["--fault", "'reset@x'", "SECONDS"]),
        (["--streams", "1", "--fault", "no-ws:closed"], ["--fault", "--ws-port"]),
        (["lab", "--streams", "4"], ["SERVER", "--streams"]),
        (["lab:port"], ["SERVER", "port"]),
        (["lab", "lab"], ["SERVER 2", "lab:8000", "twice"]),
        (["lab", "other", "http://LAB:8000/"], ["SERVER 3", "lab:8000", "twice"]),
        (["lab", "lab:port"], ["SERVER 2", "port"]),
        ([f"lab{number}" for number in range(9)], ["SERVER", "9 servers", "at most 8"]),
        (["--rep", "x"], ["--rep"]),
        (["--headless", "--screenshot", "x.png"], ["--screenshot", "--headless"]),
        (["--headless", "--tour", "x"], ["--tour", "--headless"]),
        (["--report", "nowhere/at/all.json"], ["--report", "nowhere"]),
        (["--report", "."], ["--report", "directory"]),
        (["--log-file", "nowhere/at/all.log"], ["--log-file", "nowhere"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_wrong_command_line_is_one_line_and_exit_code_2(
    words: list[str], parts: list[str], app: FakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == ExitCode.USAGE
    out, err = capsys.readouterr()
    (line,) = err.splitlines()
    assert line.startswith("lablink-dpg: error: ")
    assert [part for part in parts if part not in line] == []
    assert out == ""
    assert not app.seen


def test_a_password_in_the_address_is_refused_and_not_repeated(
    app: FakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["http://me:hunter2@lab:8000"]) == ExitCode.USAGE
    assert "hunter2" not in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--tokem=hunter2"], ["--user", "me", "--password=hunter2 and more"]])
def test_a_mistyped_option_is_named_without_its_value(
    words: list[str], app: FakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lab", *words]) == ExitCode.USAGE
    assert capsys.readouterr().err == f"lablink-dpg: error: unrecognized arguments: {words[-1].partition('=')[0]}\n"


@pytest.mark.parametrize(("option", "value"), [("--rate", "5"), ("--fault", "reset")])
def test_an_option_of_the_stress_run_without_one_is_a_warning(
    option: str, value: str, app: FakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    assert parsed(app, "lab", option, value).servers == ("lab",)
    assert capsys.readouterr().err == f"lablink-dpg: warning: {option} has no effect without --streams\n"


@pytest.mark.parametrize("code", ExitCode)
def test_the_apps_exit_code_is_the_programs(code: ExitCode, app: FakeApp) -> None:
    app.behaviour = lambda: code
    assert main(["lab"]) == code


def test_help_explains_each_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    out = capsys.readouterr().out
    for code in ExitCode:
        assert f"{code:>3}  {EXIT_MEANINGS[code]}" in out


def test_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"lablink-dpg {lablink_dpg.__version__}\n"


def fail() -> int:
    raise RuntimeError("cannot happen,\nbut did")


def interrupt() -> int:
    raise KeyboardInterrupt


def test_a_bug_is_one_line_that_says_how_to_learn_more(app: FakeApp, capsys: pytest.CaptureFixture[str]) -> None:
    app.behaviour = fail
    assert main(["lab"]) == ExitCode.FAILED
    assert capsys.readouterr().err == (
        "lablink-dpg: internal error: RuntimeError: cannot happen, but did (run with --verbose for details)\n"
    )


def test_a_bug_leaves_its_traceback_in_the_log_file(
    app: FakeApp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app.behaviour = fail
    assert main(["lab", "--log-file", str(tmp_path / "log")]) == ExitCode.FAILED
    assert "Traceback" in (tmp_path / "log").read_text()
    assert "Traceback" not in capsys.readouterr().err


def test_a_bug_shows_its_traceback_when_asked(app: FakeApp, capsys: pytest.CaptureFixture[str]) -> None:
    app.behaviour = fail
    assert main(["lab", "--verbose"]) == ExitCode.FAILED
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_around_the_run_is_quiet(app: FakeApp, capsys: pytest.CaptureFixture[str]) -> None:
    app.behaviour = interrupt
    assert main(["lab"]) == ExitCode.INTERRUPTED
    assert capsys.readouterr() == ("", "")


def test_help_and_version_need_neither_numbers_nor_a_window() -> None:
    code = (
        "import sys; from lablink_dpg import cli\n"
        "try: cli.main(['--version'])\n"
        "except SystemExit: pass\n"
        "print(*sorted({'numpy', 'dearpygui', 'httpx', 'websockets', 'asyncio'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == [f"lablink-dpg {lablink_dpg.__version__}", ""]


def test_the_module_is_the_program() -> None:
    command = [sys.executable, "-m", "lablink_dpg", "--streams", "no"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


def test_a_login_arrives_without_the_token_of_the_environment(
    app: FakeApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LABLINK_TOKEN", "of-environment")
    authority = certificates.make(tmp_path).authority
    run = parsed(app, "lab", "--user", "ada", "--remember", "--ca-file", str(authority))
    assert run == Settings(servers=("lab",), user="ada", remember=True, ca_file=authority)
    assert parsed(app, "https://lab", "--insecure").insecure


def test_certificates_that_cannot_be_read_are_a_usage_error_before_anything_runs(
    app: FakeApp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").write_text("")
    for name, why in (("empty", "holds no certificate"), ("absent", "No such file or directory")):
        assert main(["https://lab", "--ca-file", str(tmp_path / name)]) == 2
        assert capsys.readouterr().err == f"lablink-dpg: error: --ca-file '{tmp_path / name}': {why}\n"
    assert app.seen == []


def test_a_usage_error_found_late_is_one_line_too(app: FakeApp, capsys: pytest.CaptureFixture[str]) -> None:
    def complain() -> int:
        raise SettingsError("--user: nobody is there")

    app.behaviour = complain
    assert main(["lab", "--user", "ada"]) == 2
    assert capsys.readouterr().err == "lablink-dpg: error: --user: nobody is there\n"


def test_remembering_a_fixed_token_is_said_to_have_no_effect(app: FakeApp, capsys: pytest.CaptureFixture[str]) -> None:
    parsed(app, "lab", "--token", "T", "--remember")
    assert "--remember has no effect" in capsys.readouterr().err


def chatter() -> int:
    logging.getLogger("lablink_dpg.link").debug("detail")
    logging.getLogger("lablink_dpg.link").info("connected with %s", SECRET)
    logging.getLogger("lablink_dpg.link").warning("GET /ws?token=s3cret%2Ftoken refused")
    logging.getLogger("websockets.client").debug("> GET /ws?token=%s", SECRET)
    logging.getLogger("websockets.client").warning("of a library")
    return 0


def test_a_person_sees_warnings_and_the_log_file_the_story(
    app: FakeApp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app.behaviour = chatter
    assert main(["lab", "--token", SECRET, "--log-file", str(tmp_path / "log")]) == 0
    assert capsys.readouterr() == (
        "",
        "lablink-dpg: warning: GET /ws?token=*** refused\nlablink-dpg: warning: of a library\n",
    )
    assert [line.split(" ", 2)[2] for line in (tmp_path / "log").read_text().splitlines()] == [
        "INFO lablink_dpg.link: connected with ***",
        "WARNING lablink_dpg.link: GET /ws?token=*** refused",
        "WARNING websockets.client: of a library",
    ]


def test_verbose_tells_our_detail_and_never_the_libraries_which_know_the_token(
    app: FakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    app.behaviour = chatter
    assert main(["lab", "--token", SECRET, "--verbose"]) == 0
    err = capsys.readouterr().err
    assert "DEBUG lablink_dpg.link: detail" in err
    assert "> GET" not in err
    assert "s3cret" not in err


@pytest.mark.parametrize(
    ("words", "is_told"),
    [
        ((), True),
        (("--no-notifications",), False),
        (("--headless",), False),
        (("--headless", "--notifications"), True),
    ],
)
def test_the_desktop_is_told_where_somebody_sits_before_it_or_asks_for_it(
    app: FakeApp, words: tuple[str, ...], is_told: bool
) -> None:
    assert parsed(app, "lab", *words).notifications is is_told

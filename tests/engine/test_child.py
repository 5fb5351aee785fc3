from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from clipboard.engine import Cancelled, MediaError, child, make_proxy, probe
from clipboard.engine.__main__ import answer
from clipboard.engine.probing import describe
from clipboard.engine.proxy import make_proxy_here
from clipboard.engine.report import Report
from clipboard.engine.wire import from_json, plain, to_line
from tests.media_files import encoded, small

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
SECOND = ("-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25:duration=1")


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Takes several seconds to copy, on any machine."""
    target = tmp_path_factory.mktemp("long") / "long.mpg"
    encoded(target, "-c:v", "mpeg2video", "-q:v", "8", inputs=SECOND)
    target.write_bytes(target.read_bytes() * 30)  # such streams may be put end to end
    return target


def running(word: str) -> list[int]:
    """The processes whose command line names `word`."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if word in words and int(entry.parent.name) != os.getpid():
            found.append(int(entry.parent.name))
    return found


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


@LINUX
def test_it_stops_within_five_seconds_and_leaves_no_process(
    recording: Path, tmp_path: Path
) -> None:
    out, stopped = tmp_path / "copy.mp4", time.monotonic()

    def stop() -> bool:
        nonlocal stopped
        if not running(str(tmp_path)):
            stopped = time.monotonic()
            return False
        return True

    with pytest.raises(Cancelled):
        make_proxy(recording, out, describe(recording), should_stop=stop)

    assert time.monotonic() - stopped < 5
    assert wait_for(lambda: not running(str(tmp_path)))  # the killed take a moment to go
    assert list(tmp_path.iterdir()) == []


@LINUX
def test_it_ends_with_its_parent(recording: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from clipboard.engine import make_proxy; "
        "from clipboard.engine.probing import describe; recording = Path(sys.argv[1]); "
        "make_proxy(recording, Path(sys.argv[2]) / 'copy.mp4', describe(recording))"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(recording), str(tmp_path)])
    ffmpeg = str(tmp_path / ".making-")
    assert wait_for(lambda: bool(running(ffmpeg)))

    parent.kill()
    parent.wait()

    assert wait_for(lambda: not running(ffmpeg))


@LINUX
def test_it_says_so_when_the_child_is_killed(recording: Path, tmp_path: Path) -> None:
    def kill() -> None:
        words = f"clipboard.engine\0proxy\0{os.getpid()}"
        if wait_for(lambda: bool(running(words))) and wait_for(
            lambda: bool(running(str(tmp_path)))
        ):
            os.kill(running(words)[0], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(MediaError) as caught:
        make_proxy(recording, tmp_path / "copy.mp4", describe(recording))
    killer.join()

    assert caught.value.code == "engine_died"
    assert wait_for(lambda: not running(str(tmp_path)))


def test_it_reports_how_far_it_is(tmp_path: Path) -> None:
    recording, fractions = tmp_path / "short.mpg", list[float]()
    encoded(recording, "-c:v", "mpeg2video")

    out = tmp_path / "copy.mp4"
    make_proxy(recording, out, describe(recording), on_progress=fractions.append)

    assert fractions == sorted(fractions)
    assert 0.9 < fractions[-1] <= 1


def test_it_gives_up_on_what_takes_too_long(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = child.Task(child.TASKS["proxy"].function, wall=0.5)
    monkeypatch.setitem(child.TASKS, "proxy", short)

    with pytest.raises(MediaError) as caught:
        make_proxy(recording, tmp_path / "copy.mp4", describe(recording))

    assert caught.value.code == "too_slow"


def full(report: Report) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def broken(report: Report) -> None:
    raise KeyError("no such thing")


def test_a_full_disk_and_our_own_mistakes_say_nothing_of_the_recording(tmp_path: Path) -> None:
    report = Report(io.BytesIO())
    answers = [answer(child.Task(f"{__name__}:{name}"), report, {}) for name in ("full", "broken")]
    codes = [told["error"]["code"] for told in answers]

    assert codes == ["no_room", "engine_failed"]
    assert all(MediaError(code, "").may_pass for code in codes)
    assert "KeyError" in answers[1]["error"]["detail"]


@LINUX
def test_ffmpeg_on_a_full_disk_says_nothing_of_the_recording(tmp_path: Path) -> None:
    recording = tmp_path / "short.mpg"
    encoded(recording, "-c:v", "mpeg2video", inputs=small())

    with pytest.raises(MediaError) as caught:
        make_proxy_here(Report(io.BytesIO()), recording, Path("/dev/full"), describe(recording))

    assert caught.value.code == "no_room"


def test_it_says_when_the_file_is_gone(tmp_path: Path) -> None:
    with pytest.raises(MediaError) as caught:
        probe(tmp_path / "gone.mp4")

    assert caught.value.code == "missing"


def test_it_hands_no_secret_to_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "canary")
    monkeypatch.setenv("DATABASE_URL", "canary")

    assert "canary" not in child.environment().values()
    assert child.environment()["HF_HUB_OFFLINE"] == "1"


@dataclass(frozen=True)
class Inner:
    at: float


@dataclass(frozen=True)
class Outer:
    path: Path
    parts: list[Inner]
    pair: tuple[int, str]
    start: float | None = None


def test_it_sends_dataclasses_there_and_back() -> None:
    sent = Outer(Path("/a b"), [Inner(1.5), Inner(2)], (1, "x"))

    line = to_line({"result": sent})

    assert from_json(Outer, json.loads(line)["result"]) == sent
    assert plain(Path("/a")) == "/a"

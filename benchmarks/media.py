"""Bytes served with ranges, beside nginx: make bench NAME=media

In one run, over loopback, the same file: our gunicorn alone, nginx alone (static), and nginx
sending for our gunicorn (X-Accel-Redirect). Then twelve players that asked for a film and stopped
reading, and how fast the site answers meanwhile. Needs nginx and wrk (apt-get install nginx wrk).
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
FILE_MB = 64
ROUNDS, SECONDS, CONNECTIONS = 7, 1, 4
PIECE = "4 MiB"  # what an open-ended request gets, MEDIA_RANGE_BYTES
SIZES = {PIECE: 4 << 20, "1 MiB": 1 << 20, "64 KiB": 64 << 10}
STALLED = 12
LEAST_RATIO, LONGEST_ANSWER = 0.8, 0.1
NAME = "clips/film.mp4"

NGINX = """
daemon off; {user} worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 256; }}
http {{
  access_log off; sendfile on; keepalive_requests 1000000;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  upstream app {{ server 127.0.0.1:{app}; keepalive 32; keepalive_requests 1000000; }}
  server {{ listen 127.0.0.1:{static}; location /media/ {{ alias {media}/; }} }}
  server {{
    listen 127.0.0.1:{accel};
    location / {{ proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    location /protected-media/ {{ internal; alias {media}/; }}
  }}
}}
"""


def main() -> int:
    missing = [tool for tool in ("nginx", "wrk") if not find(tool)]
    if missing:
        print(f"This needs {' and '.join(missing)}: apt-get install {' '.join(missing)}")
        return 2
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-media-")))
        address = prepare(folder)
        python, behind, static, accel = (free_port() for _ in range(4))
        stack.enter_context(gunicorn(folder, python, serve="python"))
        stack.enter_context(gunicorn(folder, behind, serve="accel"))
        stack.enter_context(nginx(folder, app=behind, static=static, accel=accel))
        ports = {"nginx alone": static, "Clipboard": python, "nginx + Clipboard": accel}
        for port in ports.values():
            wait_for(f"http://127.0.0.1:{port}{address}")
        held = compare(ports, address)
        return 0 if stalled(python, address) and held else 1


# --- Measuring ------------------------------------------------------------------------------------


def compare(ports: dict[str, int], address: str) -> bool:
    """Interleaved rounds, medians; whether the target for large ranges held."""
    print(f"{CONNECTIONS} connections, {ROUNDS} interleaved rounds of {SECONDS} s, medians")
    print(f"{'':20}{'range':>8}{'requests/s':>12}{'MB/s':>8}{'x nginx':>9}")
    ratios: dict[tuple[str, str], float] = {}
    for words, size in SIZES.items():
        rates: dict[str, list[float]] = {name: [] for name in ports}
        for _ in range(ROUNDS):
            for name, port in ports.items():
                rates[name].append(requests_per_second(port, address, size))
        medians = {name: statistics.median(found) for name, found in rates.items()}
        for name, rate in medians.items():
            ratios[name, words] = rate / medians["nginx alone"]
            megabytes = rate * size / 1e6
            print(f"{name:20}{words:>8}{rate:12.0f}{megabytes:8.0f}{ratios[name, words]:9.2f}")
    ours = ratios["Clipboard", PIECE]
    return verdict(f"{PIECE} ranges: {ours:.2f} x nginx alone", ours >= LEAST_RATIO, LEAST_RATIO)


def requests_per_second(port: int, address: str, size: int) -> float:
    wrk = [
        find("wrk"),
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{SECONDS}s",
        "-H",
        f"Range: bytes=0-{size - 1}",
    ]
    said = subprocess.run(
        [*wrk, f"http://127.0.0.1:{port}{address}"], capture_output=True, text=True, check=True
    ).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"Not every answer was good:\n{said}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])


def stalled(port: int, address: str) -> bool:
    """Twelve players ask for everything and read nothing; the sign-in page is asked meanwhile."""
    with ExitStack() as stack:
        for _ in range(STALLED):
            player = stack.enter_context(socket.socket())
            player.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            player.connect(("127.0.0.1", port))
            player.sendall(
                f"GET {address} HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-\r\n\r\n".encode()
            )
        time.sleep(1)
        times = [timed(f"http://127.0.0.1:{port}/sign-in/") for _ in range(40)]
    median, worst = statistics.median(times), sorted(times)[-2]
    print(
        f"{STALLED} stalled players: the site answers in {median:.3f} s, 95 % within {worst:.3f} s"
    )
    return verdict(f"answers in {worst:.3f} s", worst <= LONGEST_ANSWER, LONGEST_ANSWER)


def timed(address: str) -> float:
    begin = time.perf_counter()
    with urlopen(address, timeout=30) as answer:
        answer.read()
    return time.perf_counter() - begin


def verdict(words: str, holds: bool, target: float) -> bool:
    print(f"{'holds' if holds else 'MISSED'}: {words} (target {target})")
    return holds


# --- What is measured -----------------------------------------------------------------------------


def prepare(folder: Path) -> str:
    """A database, a film; the film's signed path."""
    os.environ |= {
        "VAR_DIR": str(folder),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DJANGO_SETTINGS_MODULE": "clipboard.settings",
        "MEDIA_URL_SECONDS": "86400",
    }
    manage = [sys.executable, "manage.py"]
    for command in (["migrate", "-v", "0"], ["collectstatic", "--noinput", "-v", "0"]):
        subprocess.run([*manage, *command], cwd=ROOT, check=True)
    film = folder / "media" / NAME
    film.parent.mkdir(parents=True)
    film.write_bytes(os.urandom(1 << 20) * FILE_MB)
    for path in (folder, folder / "media", film.parent):
        path.chmod(0o755)
    import django
    from django.core.files.storage import default_storage

    django.setup()
    return str(default_storage.url(NAME))


@contextmanager
def gunicorn(folder: Path, port: int, *, serve: str) -> Iterator[None]:
    command = [sys.executable, "-m", "gunicorn", "-c", "python:clipboard.web", "clipboard.wsgi"]
    environment = {"PORT": str(port), "MEDIA_SERVE": serve, "PYTHONPATH": str(ROOT)}
    with running(command, folder / f"gunicorn-{serve}.log", os.environ | environment):
        yield


@contextmanager
def nginx(folder: Path, **ports: int) -> Iterator[None]:
    user = "user root;" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, media=folder / "media", user=user, **ports))
    with running([find("nginx"), "-c", str(config)], folder / "nginx.out", dict(os.environ)):
        yield


@contextmanager
def running(command: list[str], log: Path, environment: dict[str, str]) -> Iterator[None]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=out, stderr=out, env=environment
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdin.close()


def wait_for(address: str) -> None:
    for _ in range(300):
        try:
            with urlopen(address, timeout=5) as answer:
                answer.read(1)
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{address.partition('?')[0]} never answered.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find(tool: str) -> str:
    return shutil.which(tool, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin") or ""


if __name__ == "__main__":
    sys.exit(main())

"""The real product for tests: `manage.py serve` on a free port, with a folder of its own.

with running_product(tmp_path) as product:
    httpx.get(product.base_url)

`prepared` is a VAR_DIR to begin with, as tests/prepared.py makes it; without one all is new.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import httpx

from tests.processes import Process, Watch, family, wait_for

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"https?://\S+/sign-in/\S+/")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
PATIENCE = 150  # seconds for what takes a few
CLUSTERS = ("steps", "media")


@contextmanager
def running_product(
    folder: Path, *, prepared: Path | None = None, env: dict[str, str] | None = None
) -> Iterator[Product]:
    """Up and healthy inside the block; afterwards nothing of it runs, whatever was killed."""
    product = Product(folder, env or {})
    if prepared:
        begin_with(prepared, product.var_dir)
    try:
        product.start()
        yield product
    finally:
        product.end()


def begin_with(prepared: Path, var_dir: Path) -> None:
    """A copy; hundreds of static files, which nobody writes to, are only linked."""

    def copy(origin: str, place: str) -> None:
        is_fixed = "/static/" in origin and not Path(origin).name.startswith(".")
        (os.link if is_fixed else shutil.copy2)(origin, place)

    shutil.copytree(prepared, var_dir, copy_function=copy)


class Product:
    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.var_dir = folder / "var"
        self.log = folder / "serve.log"
        self.port = int(env.get("PORT") or free_port())
        self.base_url = f"http://localhost:{self.port}"
        self.env = product_environment() | {
            "VAR_DIR": str(self.var_dir),
            "PORT": str(self.port),
            **env,
        }
        self.seen: dict[int, Process] = {}
        self.roles: dict[int, str] = {}
        self.links_before = 0
        self.reader: sqlite3.Connection | None = None

    def start(self) -> None:
        folder_log = self.log.open("ab")
        self.links_before = len(LINK.findall(self.log_text()))
        self.serve = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=folder_log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        folder_log.close()
        self.wait_until(self.is_healthy, "the product to be up")

    def stop(self) -> float:
        """As Ctrl-C does; returns the seconds it took, but for what others took."""
        watch = Watch()
        self.serve.send_signal(signal.SIGINT)
        self.serve.wait(PATIENCE)
        return watch.took()

    def end(self) -> None:
        """Stop, then kill by their numbers whatever should not have been left."""
        self.look()
        if self.serve.poll() is None:
            self.serve.send_signal(signal.SIGTERM)
            try:
                self.serve.wait(30)
            except subprocess.TimeoutExpired:
                self.serve.kill()
                self.serve.wait()
        for process in self.left():
            process.kill()
        if self.reader:
            self.reader.close()

    def wait_until(
        self,
        condition: Callable[[], object],
        what: str,
        *,
        seconds: float = PATIENCE,
        every: float = 0.1,
    ) -> float:
        """Seconds until the condition held, by the clock on the wall. Fails the test, with the log,
        when it never does."""
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > seconds:
                raise AssertionError(f"Waited {seconds} s for {what}.\n{self.log_text()[-4000:]}")
            if self.serve.poll() is not None:
                raise AssertionError(f"serve ended.\n{self.log_text()[-4000:]}")
            time.sleep(every)
        return time.monotonic() - began

    def log_text(self) -> str:
        return self.log.read_text(errors="replace")

    # --- Asking it -------------------------------------------------------------------------------

    def is_healthy(self) -> bool:
        if len(LINK.findall(self.log_text())) <= self.links_before:
            return False
        return self.status_of("/healthz") == 200

    def status_of(self, path: str) -> int | None:
        """Asked many times a second, so by the plainest of clients."""
        with closing(HTTPConnection("localhost", self.port, timeout=5)) as connection:
            try:
                connection.request("GET", path)
                return connection.getresponse().status
            except (OSError, HTTPException):
                return None

    @property
    def login_link(self) -> str:
        """The one that was printed at the last start; it works once."""
        return LINK.findall(self.log_text())[-1]

    def fresh_login_link(self) -> str:
        """What `manage.py login_link` prints, without the seconds it takes to start."""
        token = secrets.token_urlsafe(24)
        self.add(
            "teams_loginlink",
            user_id=self.rows("SELECT id FROM teams_user ORDER BY id LIMIT 1")[0][0],
            token_hash=hashlib.sha256(token.encode()).hexdigest(),
            expires_at="2100-01-01 00:00:00",
        )
        return f"{self.base_url}/sign-in/{token}/"

    def manage(self, *arguments: str, timeout: float = 120) -> str:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            check=True,
            timeout=timeout,
        ).stdout

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """Signed in; sends what a form or htmx would."""
        # Certificates, which nothing needs here, take longer to load than a page.
        with httpx.Client(base_url=self.base_url, timeout=30, verify=False) as client:
            self.sign_in(client)
            yield client

    def sign_in(self, client: httpx.Client) -> None:
        link = self.fresh_login_link()
        token = TOKEN.search(client.get(link).text)
        assert token, "the sign-in page has no form"
        signed_in = client.post(link, data={"csrfmiddlewaretoken": token[1]})
        assert signed_in.status_code == 302
        page = client.get("/jobs/").text
        client.headers["X-CSRFToken"] = re.search(r'"x-csrftoken": "(\w+)"', page)[1]
        client.headers["Origin"] = self.base_url

    def rows(self, query: str, *parameters: object) -> list[tuple]:
        """By a connection that stays: each new one reads the whole schema first."""
        if self.reader is None:
            database = f"file:{self.var_dir / 'clipboard.sqlite3'}?mode=ro"
            self.reader = sqlite3.connect(
                database, uri=True, timeout=20, isolation_level=None, check_same_thread=False
            )
        return self.reader.execute(query, parameters).fetchall()

    def add(self, table: str, **values: object) -> int:
        """Insert a row behind the product's back; returns its id."""
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        database = sqlite3.connect(self.var_dir / "clipboard.sqlite3", timeout=20)
        with closing(database) as connection, connection:
            query = f"INSERT INTO {table} ({names}) VALUES ({marks})"
            return connection.execute(query, list(values.values())).lastrowid

    # --- Its processes (Linux) -------------------------------------------------------------------

    def processes(self) -> dict[str, list[Process]]:
        """By role: serve, web, web worker, work, and of each cluster (steps, media) the main
        process, sentinel, monitor, pusher, workers; engine, ffmpeg."""
        roles: dict[str, list[Process]] = {}
        for process in self.look():
            roles.setdefault(self.roles[process.pid], []).append(process)
        return roles

    def look(self) -> list[Process]:
        found = family(self.serve.pid)
        for process in found:
            if self.seen.get(process.pid) != process:  # new, or another program by now
                self.seen[process.pid] = process
                self.roles[process.pid] = self.role(process, found)
        return found

    def role(self, process: Process, found: list[Process]) -> str:
        """What a process does, seen from its command and its place among `found`.

        A sentinel starts two workers, the monitor, the pusher, which look all the same, and later
        whoever has died: a new one is what is missing then.
        """
        name, above = own_role(process), ancestors(process, found)
        if name == "web" and above and own_role(above[0]) == "web":
            return "web worker"
        depth = sum(own_role(one) == name for one in above)
        if name not in CLUSTERS or not depth:
            return name
        if depth > 2:
            return "other"  # what is about to become an engine
        siblings = [
            self.roles[one.pid]
            for one in found
            if one.ppid == process.ppid and one != process and self.seen.get(one.pid) == one
        ]
        places = ["sentinel"] if depth == 1 else ["worker", "worker", "monitor", "pusher"]
        for place in places:
            if f"{name} {place}" not in siblings:
                return f"{name} {place}"
            siblings.remove(f"{name} {place}")
        return "other"

    def wait_until_nothing_is_left(self) -> None:
        """Whoever is killed takes a moment to go where others share the processors."""
        wait_for(lambda: not self.left(), "nothing of the product to be left")

    def left(self) -> list[Process]:
        """Everything this product ever started, as far as it was seen, and is alive still."""
        return [process for process in self.seen.values() if process.is_alive()]


def own_role(process: Process) -> str:
    """As far as its own command tells."""
    words = process.command
    if "clipboard.engine" in words:
        return "engine"
    if Path(words[0]).name.startswith("ffmpeg"):
        return "ffmpeg"
    if "gunicorn" in words:
        return "web"
    if "--cluster" in words:
        return words[words.index("--cluster") + 1]
    return next((name for name in ("serve", "work") if name in words), "other")


def ancestors(process: Process, found: list[Process]) -> list[Process]:
    """Its parent, that one's parent, and so on."""
    by_pid, line = {one.pid: one for one in found}, []
    while (process := by_pid.get(process.ppid)) is not None:
        line.append(process)
    return line


def product_environment() -> dict[str, str]:
    """Ours without what would change the product."""
    ours = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in ours if name in os.environ}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

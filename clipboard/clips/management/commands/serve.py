"""The site and its workers under one supervisor, once everything they need is in place."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection, connections
from django.db.migrations.executor import MigrationExecutor

from clipboard.clips import demo
from clipboard.clips.ingest import SAMPLE
from clipboard.lib.supervise import Program, Supervisor
from clipboard.teams.links import sign_in_address
from clipboard.teams.models import LoginLink, Membership

DEMONSTRATION_SECONDS = 2.0


class Command(BaseCommand):
    help = "Serve the site and run its workers (make run)."

    def handle(self, *args: Any, **options: Any) -> None:
        check_port(settings.PORT)
        if settings.SANDBOX:
            check_port(settings.SANDBOX_PORT, name="SANDBOX_PORT")
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
        migrate()
        collect_static()
        call_command("setup")
        connections.close_all()
        coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        supervisor = Supervisor(
            programs(coloured=coloured), name="serve", out=sys.stdout, coloured=coloured
        )
        announcement, demonstration = Announcement(self), Demonstration()

        def look() -> None:
            announcement.look()
            demonstration.look()

        supervisor.run(look, every=0.2)


def programs(*, coloured: bool) -> list[Program]:
    web = [sys.executable, "-m", "gunicorn", "-c", "python:clipboard.web", "clipboard.wsgi"]
    # What is wrong with the settings, we have said by now.
    work = [sys.executable, str(settings.BASE_DIR / "manage.py"), "work", "--skip-checks"]
    colour = {"FORCE_COLOR": "1"} if coloured else {}
    ours = {"PYTHONPATH": str(settings.BASE_DIR)}
    sandbox = [Program("sandbox", sandbox_command(), ours)] if settings.SANDBOX else []
    return [
        *sandbox,
        Program("web", web, ours),
        Program("work", work, colour, prefixed=False, stop_seconds=7),
    ]


def sandbox_command() -> list[str]:
    folder = str(settings.VAR_DIR / "sandbox")
    sample = settings.SANDBOX_SAMPLE or str(SAMPLE)
    where = ["--port", str(settings.SANDBOX_PORT), "--folder", folder, "--sample", sample]
    return [sys.executable, "-m", "clipboard.sandbox", *where]


class Announcement:
    """One line with a fresh sign-in link, once the site answers."""

    def __init__(self, command: BaseCommand) -> None:
        self.command = command
        self.made = False

    def look(self) -> None:
        if self.made or not answers():
            return
        self.made = True
        member = Membership.objects.select_related("user").order_by("pk").first()
        if member is not None:
            link = sign_in_address(LoginLink.issue(member.user))
            self.command.stdout.write(f"\nReady. Sign in here (works once): {link}\n\n")
            self.command.stdout.flush()
        connections.close_all()


class Demonstration:
    """Adds what is missing until all of it is there: some of it waits for what comes before."""

    def __init__(self) -> None:
        self.is_complete = not settings.SANDBOX
        self.next_look = 0.0

    def look(self) -> None:
        if self.is_complete or time.monotonic() < self.next_look:
            return
        self.next_look = time.monotonic() + DEMONSTRATION_SECONDS
        owner = Membership.objects.select_related("user", "team").order_by("pk").first()
        with suppress(OperationalError):  # the database is busy; soon again
            self.is_complete = owner is None or demo.set_up(team=owner.team, user=owner.user)
        connections.close_all()


def address() -> tuple[str, int]:
    """Where we can reach ourselves."""
    return ({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.HOST, settings.HOST), settings.PORT)  # noqa: S104


def answers() -> bool:
    try:
        with socket.create_connection(address(), timeout=2) as link:
            link.sendall(f"GET / HTTP/1.0\r\nHost: {own_name()}\r\n\r\n".encode())
            return link.recv(5) == b"HTTP/"
    except OSError:
        return False


def own_name() -> str:
    """A host name that we answer to."""
    name = settings.ALLOWED_HOSTS[0].lstrip(".")
    return "localhost" if name == "*" else name


def check_port(port: int, *, name: str = "PORT") -> None:
    family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((settings.HOST, port))
            probe.listen(1)
    except OSError as error:
        raise CommandError(port_trouble(error, port, name)) from error


def port_trouble(error: OSError, port: int, name: str) -> str:
    other = port + 1 if port < 65535 else 8000
    command = "make demo" if settings.SANDBOX else "make run"
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is taken by another program; stop that one, "
            f"or choose another port: {name}={other} {command}"
        )
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights; choose one above 1023: {name}=8000 {command}"
    return f"HOST {settings.HOST} is not an address of this machine; try HOST=127.0.0.1."


def migrate() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        print("Bringing the database up to date …", flush=True)
        call_command("migrate", verbosity=0, interactive=False)


def collect_static() -> None:
    """Collect only what changed since the last time: looking takes a moment, collecting seconds."""
    mark, now = settings.STATIC_ROOT / ".collected", fingerprint()
    if not mark.exists() or mark.read_text() != now:
        print("Collecting styles and scripts …", flush=True)
        call_command("collectstatic", verbosity=0, interactive=False)
        mark.write_text(now)


def fingerprint() -> str:
    """Changes with any static file, and with how they are bundled."""
    files = [
        Path(storage.path(name))
        for finder in get_finders()
        for name, storage in finder.list(ignore_patterns=[])
    ]
    files.append(settings.BASE_DIR / "clipboard/static_bundle.py")
    stats = sorted((str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files)
    return hashlib.sha256(repr((settings.DEBUG, stats)).encode()).hexdigest()

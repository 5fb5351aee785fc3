"""The site and its workers under one supervisor, once everything they need is in place."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from clipboard.lib.supervise import Program, Supervisor
from clipboard.teams.links import sign_in_address
from clipboard.teams.models import LoginLink, Membership


class Command(BaseCommand):
    help = "Serve the site and run its workers (make run)."

    def handle(self, *args: Any, **options: Any) -> None:
        check_port()
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
        supervisor.run(Announcement(self).look, every=0.2)


def programs(*, coloured: bool) -> list[Program]:
    web = [sys.executable, "-m", "gunicorn", "-c", "python:clipboard.web", "clipboard.wsgi"]
    # What is wrong with the settings, we have said by now.
    work = [sys.executable, str(settings.BASE_DIR / "manage.py"), "work", "--skip-checks"]
    colour = {"FORCE_COLOR": "1"} if coloured else {}
    return [
        Program("web", web, {"PYTHONPATH": str(settings.BASE_DIR)}),
        Program("work", work, colour, prefixed=False, stop_seconds=7),
    ]


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


def check_port() -> None:
    family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((settings.HOST, settings.PORT))
            probe.listen(1)
    except OSError as error:
        raise CommandError(port_trouble(error)) from error


def port_trouble(error: OSError) -> str:
    port, other = settings.PORT, settings.PORT + 1 if settings.PORT < 65535 else 8000
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is taken by another program; stop that one, "
            f"or choose another port: PORT={other} make run"
        )
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights; choose one above 1023: PORT=8000 make run"
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

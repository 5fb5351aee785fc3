"""The real web server without workers, for uploads by clients that are not ours."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress

import httpx

from tests.running import ROOT, Product


@contextmanager
def running_web(folder):
    folder.mkdir(exist_ok=True)
    web = Web(folder, {})
    web.prepare()
    try:
        web.start()
        yield web
    finally:
        web.kill()


PREPARE = """
import django
django.setup()
from django.core.management import call_command
from clipboard.clips.management.commands.serve import collect_static, migrate
migrate()
collect_static()
call_command("setup")
"""


class Web(Product):
    def prepare(self):
        """What `manage.py serve` does before it starts the web, in one process like there."""
        self.var_dir.mkdir()
        settings = {"DJANGO_SETTINGS_MODULE": "clipboard.settings"}
        subprocess.run(
            [sys.executable, "-c", PREPARE],
            cwd=ROOT,
            env=self.env | settings,
            capture_output=True,
            check=True,
            timeout=120,
        )

    def start(self):
        with self.log.open("ab") as log:
            self.serve = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "python:clipboard.web", "clipboard.wsgi"],
                cwd=ROOT,
                env=self.env
                | {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "clipboard.settings"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.wait_until(self.is_healthy, "the web server to answer")

    def kill(self):
        with suppress(ProcessLookupError):
            os.killpg(self.serve.pid, signal.SIGKILL)
        self.serve.wait()

    def is_healthy(self):
        try:
            return httpx.get(f"{self.base_url}/sign-in/", timeout=5, follow_redirects=True)
        except httpx.HTTPError:
            return False

    def headers(self):
        """What docs/uploading.md tells other clients to send."""
        with self.client() as client:
            return {
                "Cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items()),
                "X-CSRFToken": client.cookies["csrftoken"],
                "Origin": self.base_url,
            }

    def socket(self):
        return socket.create_connection(("localhost", self.port), timeout=20)

    def most_memory(self):
        """Bytes that any process of the server ever held."""
        peaks = []
        for process in self.look():
            with open(f"/proc/{process.pid}/status") as status:
                peaks += [int(line.split()[1]) * 1024 for line in status if "VmHWM" in line]
        return max(peaks)

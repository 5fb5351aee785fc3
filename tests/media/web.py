"""The real web server without workers, for uploads by clients that are not ours."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress

from tests.running import ROOT, Product, begin_with


@contextmanager
def running_web(folder, *, prepared):
    folder.mkdir(exist_ok=True)
    web = Web(folder, {})
    begin_with(prepared, web.var_dir)
    web.manage("setup")
    try:
        web.start()
        yield web
    finally:
        web.kill()
        if web.reader:
            web.reader.close()


class Web(Product):
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
        return self.status_of("/sign-in/")

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

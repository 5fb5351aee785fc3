"""How gunicorn serves the site: `manage.py serve` names this module as its configuration.

Threads, because an answer with a part of a video is short and mostly waits for the network.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from gunicorn.glogging import Logger

from clipboard.lib.lifeline import die_with, end_with_stdin
from clipboard.lib.redact import RedactFilter

host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
bind = f"{host}:{settings.PORT}"
worker_class = "gthread"
workers = 1
threads = 48
preload_app = True  # a worker that is killed is back at once: a fork of what stands ready
timeout = 120
graceful_timeout = 3
keepalive = 5
loglevel = "warning"
accesslog = "-" if settings.ACCESS_LOG else None
access_log_format = "%(m)s %(U)s %(s)s %(B)s B %(M)s ms"
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


class RedactingLogger(Logger):  # type: ignore[misc]
    """Paths can hold tokens too, so that leaving out the query is not enough."""

    error_fmt = "%(levelname)s %(message)s"

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            log.filters[:] = [RedactFilter()]


logger_class = RedactingLogger


def on_starting(server: Any) -> None:
    end_with_stdin()


def post_fork(server: Any, worker: Any) -> None:
    die_with(worker.ppid)


def worker_exit(server: Any, worker: Any) -> None:
    # Threads that still wait for a slow player would keep the process from ending.
    if not worker.alive:
        os._exit(0)

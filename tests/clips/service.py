"""A provider on loopback: plays what each address is told to answer, and keeps what was asked."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Service:
    """`says` queues answers for "METHOD /path"; the last one is repeated.

    An answer is (status, body), or "hang up": the request is taken and never answered.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any, dict[str, str]]] = []
        self.answers: dict[str, list[Any]] = defaultdict(list)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def netloc(self) -> str:
        return f"127.0.0.1:{self.server.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.netloc}"

    def says(self, what: str, *answers: Any) -> None:
        self.answers[what] = list(answers)

    def calls(self, what: str) -> list[Any]:
        """The bodies of these requests."""
        return [body for name, body, _ in self.asked if name == what]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def handler_of(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            size = int(self.headers.get("content-length") or 0)
            raw = self.rfile.read(size)
            name = f"{self.command} {self.path.partition('?')[0]}"
            service.asked.append((name, json.loads(raw) if raw else None, dict(self.headers)))
            left = service.answers[name]
            said = left.pop(0) if len(left) > 1 else (left[0] if left else (404, {}))
            if said == "hang up":
                self.close_connection = True
                return
            status, body = said
            sent = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, *_: object) -> None:
            pass

    return Handler

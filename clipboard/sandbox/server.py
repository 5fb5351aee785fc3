"""The sandbox as an HTTP server: vendors below /<vendor>/, files below /files/, its own door below
/control/. What can be made to go wrong stands in wire.py.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from clipboard.sandbox.outputs import Outputs
from clipboard.sandbox.vendor import Ask, Reply, Vendor
from clipboard.sandbox.wire import Fault, TooLarge, Wire, instead
from clipboard.sandbox.world import Memory, World


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients may leave whenever they like."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Sandbox:
    """The whole of it, serving on loopback from `start` to `close`. Use port 0 for a free one."""

    def __init__(
        self, vendors: Iterable[Vendor], memory: Memory, outputs: Outputs, *, port: int = 0
    ) -> None:
        self.vendors = {vendor.name: vendor for vendor in vendors}
        self.memory, self.outputs = memory, outputs
        self.server = Server(("127.0.0.1", port), handler_of(self))

    @property
    def netloc(self) -> str:
        return f"127.0.0.1:{self.server.server_port}"

    @property
    def origin(self) -> str:
        return f"http://{self.netloc}"

    def base_url(self, vendor: str) -> str:
        """What to give a client of that vendor as its base URL."""
        return f"{self.origin}/{vendor}"

    def world(self, vendor: str, key: str) -> World:
        return World(self.memory, vendor, key)

    def start(self) -> None:
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.memory.close()


def handler_of(sandbox: Sandbox) -> type[BaseHTTPRequestHandler]:
    class Handler(Wire):
        def do(self) -> None:
            parts = urlsplit(self.path)
            try:
                body = self.body()
            except ConnectionError:
                self.close_connection = True
                return
            except (TooLarge, ValueError):
                self.close_connection = True
                return self.send(Reply(413, {"error": "The request is too large."}))
            area, _, rest = parts.path.lstrip("/").partition("/")
            if area == "files":
                return self.give(unquote(rest), parse_qs(parts.query))
            if area == "control":
                return self.send(control(sandbox, self.command, rest, body))
            vendor = sandbox.vendors.get(area)
            if vendor is None:
                return self.send(Reply(404, {"error": "There is no such vendor here."}))
            self.play(vendor, f"/{rest}", parse_qs(parts.query, keep_blank_values=True), body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do

        def is_on(self, fault: Fault) -> bool:
            return sandbox.memory.has_fault(fault["place"])

        def play(
            self, vendor: Vendor, path: str, params: dict[str, list[str]], body: bytes
        ) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            world = sandbox.world(vendor.name, vendor.key_of(headers))
            fault = world.next_fault(f"{self.command} {path}")
            if self.begin_badly(fault):
                return
            base = sandbox.base_url(vendor.name)
            reply = vendor.answer(
                Ask(self.command, path, params, headers, body, base, world, sandbox.outputs)
            )
            if fault.get("hang_up") == "after":
                self.close_connection = True
            else:
                self.send(instead(fault) if "status" in fault else reply, fault)

        def give(self, name: str, params: dict[str, list[str]]) -> None:
            told = {key: values[-1] for key, values in params.items()}
            expires, signature = told.get("expires", ""), told.get("signature", "")
            is_good = sandbox.outputs.admits(name, expires, signature)
            file = sandbox.outputs.file(name) if is_good else None
            if file is None:
                return self.send(Reply(403, "<Error><Code>AccessDenied</Code></Error>"))
            fault = sandbox.world("files", "").next_fault(f"GET /{name}")
            if not self.begin_badly(fault):
                self.send_file(file, fault)

    return Handler


def control(sandbox: Sandbox, method: str, what: str, body: bytes) -> Reply:
    """GET ledger; GET faults; POST faults {vendor, key, matches, does, times}; DELETE faults
    {vendor, key}."""
    try:
        asked: dict[str, Any] = json.loads(body or b"{}")
        if method == "GET" and what == "ledger":
            return Reply(200, sandbox.memory.ledger())
        if method == "GET" and what == "faults":
            return Reply(200, sandbox.memory.faults())
        if what == "faults":
            world = sandbox.world(asked["vendor"], asked["key"])
            if method == "DELETE":
                world.clear_faults()
            else:
                world.add_fault(
                    matches=asked["matches"], does=asked["does"], times=asked.get("times", 1)
                )
            return Reply(200, {"ok": True})
    except (ValueError, KeyError, TypeError):
        return Reply(400, {"error": "Send {vendor, key, matches, does, times} as JSON."})
    return Reply(404, {"error": "GET ledger, GET, POST or DELETE faults."})

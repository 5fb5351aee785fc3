"""The sandbox as an HTTP server: vendors below /<vendor>/, files below /files/, its own door below
/control/.

A fault is a dictionary; what it can do:
  {"delay": 3}                     answer so many seconds later
  {"status": 503, "body": …, "headers": {…}}   answer that instead, nothing having happened
  {"hang_up": "before"}            close the connection without an answer, nothing having happened
  {"hang_up": "after"}             as before, but the request has been carried out
  {"cut": 0.5}                     send only that part of the body, though its whole length is told
  {"replace": {"a": 1}}            merge these fields into the JSON answer
  {"raw": "<html>"}                carry it out, but answer that text
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from clipboard.sandbox.outputs import Outputs
from clipboard.sandbox.vendor import Ask, Reply, Vendor
from clipboard.sandbox.world import Memory, World

LARGEST_BODY = 512 * 1024 * 1024
PIECE = 1024 * 1024
KINDS = {".webp": "image/webp", ".wav": "audio/wav"}


class Sandbox:
    """The whole of it, serving on loopback from `start` to `close`. Use port 0 for a free one."""

    def __init__(
        self, vendors: Iterable[Vendor], memory: Memory, outputs: Outputs, *, port: int = 0
    ) -> None:
        self.vendors = {vendor.name: vendor for vendor in vendors}
        self.memory, self.outputs = memory, outputs
        self.server = ThreadingHTTPServer(("127.0.0.1", port), handler_of(self))
        self.server.daemon_threads = True

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
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.memory.close()


def handler_of(sandbox: Sandbox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60

        def do(self) -> None:
            parts = urlsplit(self.path)
            size = min(LARGEST_BODY, int(self.headers.get("content-length") or 0))
            body = self.rfile.read(size)
            area, _, rest = parts.path.lstrip("/").partition("/")
            if area == "files":
                return self.send_file(unquote(rest), parse_qs(parts.query))
            if area == "control":
                return self.send(control(sandbox, self.command, rest, body))
            vendor = sandbox.vendors.get(area)
            if vendor is None:
                return self.send(Reply(404, {"error": "There is no such vendor here."}))
            self.play(vendor, f"/{rest}", parse_qs(parts.query, keep_blank_values=True), body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do

        def play(
            self, vendor: Vendor, path: str, params: dict[str, list[str]], body: bytes
        ) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            world = sandbox.world(vendor.name, vendor.key_of(headers))
            fault = world.next_fault(f"{self.command} {path}")
            time.sleep(min(60.0, fault.get("delay", 0)))
            if fault.get("hang_up") == "before":
                return self.hang_up()
            if "status" in fault:
                headers_told = {str(n): str(v) for n, v in fault.get("headers", {}).items()}
                return self.send(Reply(fault["status"], fault.get("body", {}), headers_told))
            base = sandbox.base_url(vendor.name)
            reply = vendor.answer(
                Ask(self.command, path, params, headers, body, base, world, sandbox.outputs)
            )
            if fault.get("hang_up") == "after":
                return self.hang_up()
            if "raw" in fault:
                reply.body = str(fault["raw"])
            if "replace" in fault and isinstance(reply.body, dict):
                reply.body = reply.body | fault["replace"]
            self.send(reply, part=fault.get("cut", 1.0))

        def hang_up(self) -> None:
            self.close_connection = True

        def send(self, reply: Reply, *, part: float = 1.0) -> None:
            raw, kind = reply.raw()
            self.send_response(reply.status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(raw)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw[: int(len(raw) * part)])
            self.close_connection = self.close_connection or part < 1

        def send_file(self, name: str, params: dict[str, list[str]]) -> None:
            told = {key: values[-1] for key, values in params.items()}
            expires, signature = told.get("expires", ""), told.get("signature", "")
            is_good = sandbox.outputs.admits(name, expires, signature)
            file = sandbox.outputs.file(name) if is_good else None
            if file is None:
                return self.send(Reply(403, "<Error><Code>AccessDenied</Code></Error>"))
            fault = sandbox.world("files", "").next_fault(f"GET /{name}")
            if "status" in fault:
                return self.send(Reply(fault["status"], fault.get("body", "")))
            size = file.stat().st_size
            self.send_response(200)
            self.send_header("Content-Type", KINDS.get(file.suffix, "video/mp4"))
            if not fault.get("no_length"):
                self.send_header("Content-Length", str(size))
            else:
                self.send_header("Connection", "close")
                self.close_connection = True
            self.end_headers()
            left = int(size * fault.get("cut", 1.0))
            with file.open("rb") as content:
                while left > 0 and (piece := content.read(min(PIECE, left))):
                    self.wfile.write(piece)
                    left -= len(piece)
            self.close_connection = self.close_connection or "cut" in fault

        def log_message(self, *_: object) -> None:
            """Silent: addresses are signed."""

    return Handler


def control(sandbox: Sandbox, method: str, what: str, body: bytes) -> Reply:
    """GET ledger; POST faults {vendor, key, matches, does, times}; DELETE faults {vendor, key}."""
    try:
        asked: dict[str, Any] = json.loads(body or b"{}")
        if method == "GET" and what == "ledger":
            return Reply(200, sandbox.memory.ledger())
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
    return Reply(404, {"error": "GET ledger, POST or DELETE faults."})

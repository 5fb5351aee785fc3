"""How requests are read and answers written, and everything that can go wrong on the way.

A fault is a dictionary; what it can do, alone or together:
  {"delay": 3}                     answer so many seconds later
  {"hold": "before"}               do nothing before the key's faults are taken back
  {"hold": "after"}                as before, but the request has been carried out
  {"hold": 0.5}                    as "after", when that part of the body has been sent
  {"status": 503, "body": …, "headers": {…}}   answer that instead, nothing having happened
  {"status": 503, "after": true}   as before, but the request has been carried out
  {"round": true}                  lead to the very address that was asked for, again and again
  {"hang_up": "before"}            close the connection without an answer, nothing having happened
  {"hang_up": "after"}             as before, but the request has been carried out
  {"hang_up": "reset"}             as "before", by a reset
  {"replace": {"a": 1}}            merge these fields into the JSON answer
  {"raw": "<html>"}                carry it out, but answer that text, of the kind it would have
  {"headers": {…}}                 add or replace headers of the answer
  {"cut": 0.5}                     send only that part of the body, though its whole length is told
  {"no_length": true}              tell no length; the connection's end is the body's
  {"extra": 100}                   send so many bytes more than were told
  {"pad": 1000000}                 make the body longer by so many spaces
  {"endless": true}                go on with spaces after the body, in chunks, until nobody listens
  {"gzip": 1}                      compress the body, padding and all, so many times over
  {"drip": 0.5}                    a byte, then so many seconds of silence, and so on
  {"drip_head": 0.5}               as before, and already in the answer's head
  {"changed": true}                for a file: other bytes, the same video
  {"no_ranges": true}              for a file: send it whole, whatever part was asked for
"""

from __future__ import annotations

import re
import secrets
import socket
import struct
import time
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from pathlib import Path
from typing import Any

from clipboard.sandbox.vendor import Reply

LARGEST_BODY = 4 * 1024**3
PIECE = 256 * 1024
LONGEST_DELAY = 600.0
HOLD_SECONDS = 0.02
KINDS = {".webp": "image/webp", ".wav": "audio/wav"}
Fault = dict[str, Any]


class TooLarge(Exception):
    """The request's body."""


class Wire(BaseHTTPRequestHandler, ABC):
    protocol_version = "HTTP/1.1"
    timeout = 60
    disable_nagle_algorithm = True  # or each answer waits 40 ms for an acknowledgement

    def body(self) -> bytes:
        """The request's body, of a told length or in chunks. Raises TooLarge, and ConnectionError
        where the client left before its end: what is not whole is nothing."""
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            return b"".join(self.chunks())
        told = self.headers.get("content-length") or "0"
        if not told.isdecimal() or int(told) > LARGEST_BODY:
            raise TooLarge
        found = self.rfile.read(int(told))
        if len(found) < int(told):
            raise ConnectionAbortedError
        return found

    def chunks(self) -> Iterator[bytes]:
        left = LARGEST_BODY
        while size := int(self.rfile.readline(100).partition(b";")[0].strip() or b"0", 16):
            left -= size
            if left < 0:
                raise TooLarge
            yield self.rfile.read(size)
            self.rfile.readline(10)
        while self.rfile.readline(1000).strip():  # trailers
            pass

    def begin_badly(self, fault: Fault) -> bool:
        """Whether the fault has already answered, or never will."""
        time.sleep(min(LONGEST_DELAY, fault.get("delay", 0)))
        self.hold(fault, "before")
        if fault.get("hang_up") == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if fault.get("hang_up") in ("before", "reset"):
            self.close_connection = True
            return True
        if fault.get("round"):
            self.send(Reply(302, "", {"Location": self.path}), fault)
            return True
        if "status" in fault and not fault.get("after"):
            self.send(instead(fault), fault)
            return True
        return False

    def hold(self, fault: Fault, moment: str | float) -> None:
        """Wait there, if the fault says so, until it is taken back."""
        until = time.monotonic() + LONGEST_DELAY
        while fault.get("hold") == moment and time.monotonic() < until and self.is_on(fault):
            time.sleep(HOLD_SECONDS)

    @abstractmethod
    def is_on(self, fault: Fault) -> bool:
        """Whether the fault has not been taken back."""

    def send(self, reply: Reply, fault: Fault | None = None) -> None:
        fault = fault or {}
        self.hold(fault, "after")
        if "replace" in fault and isinstance(reply.body, dict):
            reply.body = reply.body | fault["replace"]
        raw, kind = reply.raw()
        if "raw" in fault:
            raw = str(fault["raw"]).encode("utf-8", "surrogatepass")
        self.deliver(reply.status, {"Content-Type": kind} | reply.headers, len(raw), [raw], fault)

    def send_file(self, file: Path, fault: Fault) -> None:
        kind = {"Content-Type": KINDS.get(file.suffix, "video/mp4")}
        if "raw" in fault:
            raw = str(fault["raw"]).encode()
            return self.deliver(200, kind, len(raw), [raw], fault)
        # An MP4 may end in a box that players pass over.
        tail = b"\0\0\0\x10free" + secrets.token_bytes(8) if fault.get("changed") else b""
        size = file.stat().st_size + len(tail)
        span = None if fault.get("no_ranges") else self.span(size)
        if span is None:
            return self.deliver(200, kind, size, pieces_of(file, tail), fault)
        first, end = span
        if first >= end:
            told = kind | {"Content-Range": f"bytes */{size}"}
            return self.deliver(416, told, 0, [], fault)
        told = kind | {"Content-Range": f"bytes {first}-{end - 1}/{size}"}
        self.deliver(206, told, end - first, part_of(pieces_of(file, tail), first, end), fault)

    def span(self, size: int) -> tuple[int, int] | None:
        """The range asked for: its first byte, and the one after its last."""
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("range", ""))
        return (int(asked[1]), min(size, int(asked[2] or size) + 1)) if asked else None

    def deliver(
        self, status: int, headers: dict[str, str], size: int, pieces: Iterable[bytes], fault: Fault
    ) -> None:
        whole = size + fault.get("pad", 0)
        headers |= {str(name): str(value) for name, value in fault.get("headers", {}).items()}
        left = int(whole * fault.get("cut", 1.0)) + fault.get("extra", 0)
        more = fault.get("pad", 0) + fault.get("extra", 0)
        pieces = self.held(padded(pieces, more), whole, fault)
        if times := fault.get("gzip", 0):
            headers["Content-Encoding"] = ", ".join(["gzip"] * times)
            pieces, left = squeezed(pieces, times), LARGEST_BODY
        if fault.get("endless"):
            headers["Transfer-Encoding"] = "chunked"
            pieces, left = in_chunks(padded(pieces, LARGEST_BODY)), LARGEST_BODY
        has_length = not (fault.get("no_length") or fault.get("endless") or times)
        is_last = not has_length or "cut" in fault or "extra" in fault
        self.close_connection = self.close_connection or is_last
        headers |= {"Content-Length": str(whole)} if has_length else {}
        try:
            self.send_head(status, headers | ({"Connection": "close"} if is_last else {}), fault)
            self.write_some(pieces, left, fault.get("drip", 0))
        except ConnectionError:  # whoever asked had enough
            self.close_connection = True

    def send_head(self, status: int, headers: dict[str, str], fault: Fault) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        line, written = self.wfile, BytesIO()
        self.wfile = written
        self.end_headers()
        self.wfile, head = line, written.getvalue()
        self.write_some([head], len(head), fault.get("drip_head", 0))

    def held(self, pieces: Iterable[bytes], size: int, fault: Fault) -> Iterator[bytes]:
        """The pieces, those of a part only once the fault is taken back."""
        part = fault.get("hold")
        left = int(size * part) if isinstance(part, float) else -1
        for piece in pieces:
            if 0 <= left <= len(piece):
                yield piece[:left]
                self.hold(fault, part or 0.0)
                piece, left = piece[left:], -1
            left -= len(piece)
            yield piece

    def write_some(self, pieces: Iterable[bytes], left: int, drip: float) -> None:
        for piece in pieces:
            part = piece[:left]
            left -= len(part)
            for at in range(len(part)) if drip else ():
                self.wfile.write(part[at : at + 1])
                time.sleep(drip)
            if not drip:
                self.wfile.write(part)
            if left <= 0:
                return

    def log_message(self, *_: object) -> None:
        """Silent: addresses are signed."""


def instead(fault: Fault) -> Reply:
    return Reply(fault["status"], fault.get("body", {}))


def pieces_of(file: Path, tail: bytes) -> Iterator[bytes]:
    with file.open("rb") as content:
        while piece := content.read(PIECE):
            yield piece
    yield tail


def part_of(pieces: Iterable[bytes], first: int, end: int) -> Iterator[bytes]:
    at = 0
    for piece in pieces:
        yield piece[max(0, first - at) : max(0, end - at)]
        at += len(piece)


def padded(pieces: Iterable[bytes], more: int) -> Iterator[bytes]:
    yield from pieces
    while more > 0:
        yield b" " * min(PIECE, more)
        more -= PIECE


def squeezed(pieces: Iterable[bytes], times: int) -> Iterable[bytes]:
    for _ in range(times):
        pieces = gzipped(pieces)
    return pieces


def gzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=31)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()


def in_chunks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """As HTTP/1.1 sends what it does not know the length of; the last one never comes."""
    for piece in pieces:
        if piece:
            yield b"%x\r\n%s\r\n" % (len(piece), piece)

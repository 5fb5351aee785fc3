"""What the vendors have in common: how a request arrives, how an answer leaves."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from math import isfinite
from typing import Any
from urllib.parse import parse_qsl

from clipboard.sandbox.outputs import Outputs
from clipboard.sandbox.world import World

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass
class Ask:
    """One request. `path` is below the vendor's base, `base` that base as an absolute URL."""

    method: str
    path: str
    params: dict[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    base: str
    world: World
    outputs: Outputs
    parts: dict[str, str] = field(default_factory=dict)  # named groups of the route

    def json(self) -> Any:
        """The body as JSON. Raises Malformed."""
        return parsed(self.body or b"null")

    def address(self, name: str, *, seconds: float) -> str:
        """A signed address of one of the outputs."""
        return self.outputs.address(self.base.rpartition("/")[0], name, seconds=seconds)

    @property
    def kind(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def fields(self) -> dict[str, Any]:
        """The body's fields, whichever way they were encoded: JSON, form or multipart.

        A file is (file name, a view of its bytes).
        """
        if self.kind in FORMS:
            return dict(self.form())
        body = self.json()
        return body if isinstance(body, dict) else {}

    def form(self) -> list[tuple[str, Any]]:
        """The fields of a form in either encoding, as they came; raises Malformed."""
        if self.kind == "multipart/form-data":
            return multipart(self.headers["content-type"], self.body)
        return list(parse_qsl(self.body.decode("utf-8", "replace"), True))

    def field_list(self, name: str) -> list[str]:
        """A list in the body: in JSON, or in a form in any of the three ways of `listed`."""
        if self.kind in FORMS:
            told = self.form()
            return listing([value for each, value in told if each == name])
        found = self.fields().get(name)
        items = found if isinstance(found, list) else [found]
        return [str(item) for item in items if item is not None]

    def param(self, name: str, default: str = "") -> str:
        return self.params.get(name, [default])[-1]

    def listed(self, name: str) -> list[str]:
        """A list in any of the three ways in which clients send one: a=1&a=2, a=1,2, a=["1","2"].

        >>> ask = Ask("GET", "/", {"a": ['["1", "2"]'], "b": ["1,2"], "c": ["1", "2"]}, {}, b"",
        ...           "", None, None)
        >>> ask.listed("a") == ask.listed("b") == ask.listed("c") == ["1", "2"], ask.listed("d")
        (True, [])
        """
        return listing(self.params.get(name, []))


@dataclass
class Reply:
    status: int = 200
    body: Any = None  # bytes and str as they are, anything else as JSON
    headers: dict[str, str] = field(default_factory=dict)

    def raw(self) -> tuple[bytes, str]:
        """The body's bytes and their type."""
        if isinstance(self.body, bytes):
            return self.body, "application/octet-stream"
        if isinstance(self.body, str):
            return self.body.encode(), "text/plain; charset=utf-8"
        return json.dumps(self.body).encode(), "application/json"


class Malformed(Exception):
    """The body or a parameter can't be read."""


def parsed(told: str | bytes) -> Any:
    """What is meant as JSON, whose numbers all end. Raises Malformed."""
    try:
        return json.loads(told, parse_constant=refuse, parse_float=finite)
    except (ValueError, RecursionError):
        raise Malformed from None


def refuse(word: str) -> Any:
    raise ValueError(word)


def finite(digits: str) -> float:
    found = float(digits)
    return found if isfinite(found) else refuse(digits)


Answerer = Callable[[Ask], Reply]


class Vendor(ABC):
    """One vendor's API. `routes` are (method, pattern of the path, answerer, budget)."""

    name = ""
    routes: tuple[tuple[str, str, Answerer, str], ...] = ()

    @abstractmethod
    def key_of(self, headers: Mapping[str, str]) -> str:
        """The key that was sent, "" for none."""

    @abstractmethod
    def refuse_key(self, key: str) -> Reply | None:
        """The answer to a missing or wrong key; None if it will do."""

    def limit(self, ask: Ask, budget: str) -> tuple[Reply | None, dict[str, str]]:
        """The answer where a limit is reached, and the headers that every answer carries."""
        return None, {}

    @abstractmethod
    def malformed(self) -> Reply:
        """The answer to a body or a query that cannot be read."""

    @abstractmethod
    def not_found(self) -> Reply:
        """The answer where there is no such path."""

    def answer(self, ask: Ask) -> Reply:
        """A key of "…bad…" is refused, so that a wrong one can be tried."""
        for method, pattern, answerer, budget in self.routes:
            match = re.fullmatch(pattern, ask.path)
            if match is None or method != ask.method:
                continue
            ask.parts = match.groupdict()
            return self.answer_route(ask, answerer, budget)
        return self.not_found()

    def answer_route(self, ask: Ask, answerer: Answerer, budget: str) -> Reply:
        if budget != "public" and (refusal := self.refuse_key(ask.world.key)):
            return refusal
        limited, headers = self.limit(ask, budget)
        try:
            reply = limited or answerer(ask)
        except (Malformed, UnicodeError):  # half a character, which nothing can store
            reply = self.malformed()
        reply.headers = headers | reply.headers
        return reply


def listing(values: list[str]) -> list[str]:
    """What a list was made of, whichever of three ways it was sent in.

    >>> listing(["1", "2"]), listing(["1,2"]), listing(['["1", 2]']), listing([])
    (['1', '2'], ['1', '2'], ['1', '2'], [])
    """
    if len(values) != 1:
        return values
    if values[0].startswith("["):
        return [str(item) for item in parsed(values[0])]
    return [part for part in values[0].split(",") if part]


def multipart(content_type: str, body: bytes) -> list[tuple[str, Any]]:
    r"""Texts, and files as (name, a view of their bytes): uploads are too large to be copied.

    >>> head = b'--b\r\nContent-Disposition: form-data; name='
    >>> body = head + b'"a"\r\n\r\n1\r\n' + head + b'"f"; filename="x"\r\n\r\n\r\n!\r\n--b--\r\n'
    >>> text, (name, file) = multipart('multipart/form-data; boundary="b"', body)
    >>> text, name, file[0], bytes(file[1])
    (('a', '1'), 'f', 'x', b'\r\n!')
    """
    boundary = header("content-type", content_type).get_boundary()
    if not boundary:
        raise Malformed
    found: list[tuple[str, Any]] = []
    for head, content in parts_of(body, b"--" + boundary.encode()):
        about = disposition(head)
        name, file_name = about.get_param("name", None, "content-disposition"), about.get_filename()
        if name is not None and file_name:
            found.append((str(name), (file_name, content)))
        elif name is not None:
            found.append((str(name), str(content, "utf-8", "replace")))
    return found


def parts_of(body: bytes, mark: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Head and content of what lies between the marks, of which each begins a line."""
    begins, line, view = body.find(mark), b"\r\n" + mark, memoryview(body)
    while 0 <= begins < (ends := body.find(line, begins)):
        middle = body.find(b"\r\n\r\n", begins, ends)
        if middle >= 0:
            yield body[begins:middle], view[middle + 4 : ends]
        begins = ends + 2


def disposition(head: bytes) -> Message:
    lines = head.decode("utf-8", "replace").splitlines()
    said = (line.partition(":")[2] for line in lines if line[:20].lower() == "content-disposition:")
    return header("content-disposition", next(said, ""))


def header(name: str, value: str) -> Message:
    message = Message()
    message[name] = value.strip()
    return message


def iso(moment: float) -> str:
    """
    >>> iso(1_700_000_000)
    '2023-11-14T22:13:20.000Z'
    """
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")

"""Carries out an adapter's steps over the guarded client."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from clipboard.providers.answer import Answer
from clipboard.providers.errors import REFUSED, ProviderError
from clipboard.providers.port import Allowance, Call, Provider, Steps

if TYPE_CHECKING:  # httpx and aiohttp are loaded where they are used only
    from clipboard.providers.outbound import Client
    from clipboard.providers.outbound_async import AsyncClient

MOST_KEPT = 50
HIDDEN = "…".encode()
MOST_KEPT_BYTES = 256 * 1024
ERROR_BYTES = 16 * 1024

WRONG_ADDRESS = (
    "The account's address can't be used: its name was not found, or it is not public. "
    "Correct it among the team's accounts."
)

T = TypeVar("T")
_kept: dict[str, tuple[float, Answer]] = {}


class Connection:
    """One account at one service: whom to ask, where, and with which key."""

    def __init__(self, provider: Provider, *, base_url: str, key: str) -> None:
        self.provider = provider
        self.base_url = base_url.rstrip("/")
        self.allowances: dict[str, Allowance] = {}  # by budget, as the service told last
        self._key = key

    def __repr__(self) -> str:
        return f"<Connection to {self.provider.title} at {urlsplit(self.base_url).hostname}>"

    def url(self, call: Call) -> str:
        return self.base_url + call.path

    def sent(self, call: Call) -> dict[str, Any]:
        """httpx.Request's arguments."""
        key = self.provider.headers(self._key) if call.with_key else {}
        names = ("json", "data", "files", "params")
        given = {name: value for name in names if (value := getattr(call, name)) is not None}
        return given | {"headers": {"accept": "application/json", **call.headers, **key}}

    def checked(self, call: Call, answer: Answer) -> Answer:
        """The answer if it means success, without our key where it repeats that. Raises
        ProviderError, also for a redirect: whoever it leads to has not been shown the key, and
        what is said there is not the service's word."""
        if call.budget and (told := self.provider.allowance_from(answer)):
            self.allowances[call.budget] = told
        if self._key and self._key.encode() in answer.body:
            answer = replace(answer, body=self.without_key(answer.body))
        if answer.status >= 400:
            raise answered(self.error_in(call, answer), answer.body, call.budget)
        if answer.status >= 300:
            raise ProviderError("provider", REDIRECTED, code="redirect")
        return answer

    def error_in(self, call: Call, answer: Answer) -> ProviderError:
        """That a job is not there is believed of the service alone: whatever stands before it while
        it is down says so with a page, of all jobs."""
        error = self.provider.error_from(answer)
        is_page = bool(answer.body.strip()) and answer.json_or_none() is None
        if error.kind == "missing" and is_page and call.method in ("GET", "DELETE"):
            return ProviderError("provider", NOT_THEIRS, code="not_theirs")
        return error

    def without_key(self, body: bytes) -> bytes:
        return body.replace(self._key.encode(), HIDDEN) if self._key else body


def carry_out(
    steps: Steps[T],
    connection: Connection,
    client: Client,
    *,
    charge: Callable[[Call], None] = lambda call: None,
    last_look: Callable[[], None] | None = None,
    hurry: float = inf,
) -> T:
    """Do one call after another, and return what the adapter makes of the answers.

    `charge` is asked before each call, and may raise ProviderError("rate") to have it not sent;
    `last_look` when all is ready for it to leave, and may raise as well. No call is waited for
    longer than `hurry` seconds. Raises ProviderError. Nothing is repeated: whether it may be, only
    the caller's row can tell.
    """
    try:
        call = next(steps)
        while True:
            try:
                answer = _ask(call, connection, client, charge, last_look, hurry)
            except ProviderError as error:
                call = refused(steps, error)
            else:
                call = given(steps, call, answer)
    except StopIteration as done:
        result: T = done.value
        return result
    finally:
        steps.close()


async def carry_out_async(
    steps: Steps[T],
    connection: Connection,
    client: AsyncClient,
    *,
    charge: Callable[[Call], None] = lambda call: None,
) -> T:
    """As `carry_out`, so that thousands may be under way at once; `charge` must not block."""
    try:
        call = next(steps)
        while True:
            try:
                answer = await _ask_async(call, connection, client, charge)
            except ProviderError as error:
                call = refused(steps, error)
            else:
                call = given(steps, call, answer)
    except StopIteration as done:
        result: T = done.value
        return result
    finally:
        steps.close()


def given(steps: Steps[T], call: Call, answer: Answer) -> Call:
    try:
        return steps.send(answer)
    except ProviderError as error:
        answered(error, answer.body, call.budget)
        raise


def refused(steps: Steps[T], error: ProviderError) -> Call:
    if error.code == REFUSED:  # by our guard, whose words are for an address that somebody pasted
        error = ProviderError("input", WRONG_ADDRESS, code=REFUSED)
    try:
        return steps.throw(error)
    except ProviderError as told:
        answered(told, error.body, error.budget)
        raise


def answered(error: ProviderError, body: bytes, budget: str) -> ProviderError:
    """The error, with the beginning of the answer that it came of, and the call's budget."""
    error.body = error.body or body[:ERROR_BYTES]
    error.budget = error.budget or budget
    return error


def carry_out_alone(
    steps: Steps[T],
    connection: Connection,
    *,
    charge: Callable[[Call], None] = lambda call: None,
    last_look: Callable[[], None] | None = None,
    hurry: float = inf,
) -> T:
    """As `carry_out`, over a client of its own."""
    from clipboard.providers.outbound import open_client  # only who speaks needs an HTTP library

    with open_client() as client:
        return carry_out(steps, connection, client, charge=charge, last_look=last_look, hurry=hurry)


def _ask(
    call: Call,
    connection: Connection,
    client: Client,
    charge: Callable[[Call], None],
    last_look: Callable[[], None] | None,
    hurry: float,
) -> Answer:
    if found := kept(call, connection):
        return found
    charge(call)
    sent, deadline = connection.sent(call), min(call.deadline, hurry)
    if last_look:
        sent["last_look"] = last_look
    url = connection.url(call)
    answer = client.request(call.method, url, deadline=deadline, follows=False, **sent)
    answer = connection.checked(call, answer)
    keep(call, connection, answer)
    return answer


async def _ask_async(
    call: Call, connection: Connection, client: AsyncClient, charge: Callable[[Call], None]
) -> Answer:
    if found := kept(call, connection):
        return found
    charge(call)
    url, sent = connection.url(call), connection.sent(call)
    answer = await client.request(call.method, url, deadline=call.deadline, **sent)
    answer = connection.checked(call, answer)
    keep(call, connection, answer)
    return answer


def kept(call: Call, connection: Connection) -> Answer | None:
    """What the same address told anybody a short while ago, in this process."""
    if not call.keep_for or call.with_key:
        return None
    until, answer = _kept.get(_name(call, connection), (0.0, None))
    return answer if time.monotonic() < until else None


def keep(call: Call, connection: Connection, answer: Answer) -> None:
    if not call.keep_for or call.with_key or len(answer.body) > MOST_KEPT_BYTES:
        return
    if len(_kept) >= MOST_KEPT:
        _kept.clear()
    _kept[_name(call, connection)] = (time.monotonic() + call.keep_for, answer)


def _name(call: Call, connection: Connection) -> str:
    return f"{call.method} {connection.url(call)} {call.params}"


NOT_THEIRS = (
    "What answers at this address does not speak as the service does; "
    "check the account's address, or try again later."
)
REDIRECTED = "The service redirects this request; check the account's address."

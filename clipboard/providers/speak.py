"""Carries out an adapter's steps over the guarded client."""

from __future__ import annotations

from typing import Any, TypeVar
from urllib.parse import urlsplit

from clipboard.providers.errors import ProviderError
from clipboard.providers.outbound import Answer, Client
from clipboard.providers.port import Call, Provider, Steps

T = TypeVar("T")


class Connection:
    """One account at one service: whom to ask, where, and with which key."""

    def __init__(self, provider: Provider, *, base_url: str, key: str) -> None:
        self.provider = provider
        self.base_url = base_url.rstrip("/")
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

    def checked(self, answer: Answer) -> Answer:
        """The answer if it means success. Raises ProviderError."""
        if answer.status >= 400:
            raise self.provider.error_from(answer)
        if answer.status >= 300:
            raise ProviderError("provider", "The service redirects this request.", code="redirect")
        return answer


def carry_out(steps: Steps[T], connection: Connection, client: Client) -> T:
    """Do one call after another, and return what the adapter makes of the answers.

    Raises ProviderError. Nothing is repeated: whether it may be, only the caller's row can tell.
    """
    try:
        call = next(steps)
        while True:
            try:
                answer = connection.checked(
                    client.request(
                        call.method,
                        connection.url(call),
                        deadline=call.deadline,
                        **connection.sent(call),
                    )
                )
            except ProviderError as error:
                call = steps.throw(error)
            else:
                call = steps.send(answer)
    except StopIteration as done:
        result: T = done.value
        return result
    finally:
        steps.close()

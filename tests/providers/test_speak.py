from __future__ import annotations

import time

import pytest

from clipboard.providers.errors import ProviderError
from clipboard.providers.outbound import open_client
from clipboard.providers.port import Call
from clipboard.providers.speak import Connection, carry_out
from clipboard.providers.sync import Sync
from tests.providers.internet import SECRET, answer, sends


def steps(*calls):
    bodies = []
    for call in calls:
        bodies.append((yield call).json())
    return bodies


def connected(server):
    return Connection(Sync(), base_url=server.url(""), key=SECRET)


def test_it_asks_once_for_what_anybody_is_told(serve):
    server, other = serve(sends(answer(b"[1]"))), serve(sends(answer(b"[2]")))
    call = Call("GET", "/v2/errors", with_key=False, keep_for=60)
    with open_client() as client:
        found = carry_out(steps(call, call), connected(server), client)
        found += carry_out(steps(call), connected(server), client)
        found += carry_out(steps(call), connected(other), client)
    assert found == [[1], [1], [1], [2]]
    assert (len(server.requests), len(other.requests)) == (1, 1)
    assert SECRET.encode() not in server.requests[0]


@pytest.mark.parametrize(
    "call", [Call("GET", "/v2/errors", keep_for=60), Call("GET", "/v2/errors", with_key=False)]
)
def test_it_asks_again_for_everything_else(serve, call):
    server = serve(sends(answer(b"[1]", connection="close")))  # as it does
    with open_client() as client:
        carry_out(steps(call, call), connected(server), client)
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request"])
def test_it_takes_our_key_out_of_what_a_service_repeats(serve, status):
    body = f'{{"message": "{SECRET} is no key", "error": "{SECRET}"}}'.encode()
    server = serve(sends(answer(body, status=status)))
    with open_client() as client:
        try:
            said = str(carry_out(steps(Call("GET", "/v2/x")), connected(server), client))
        except ProviderError as error:
            said = f"{error} {error!r}"
    assert "is no key" in said
    assert SECRET not in said


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_no_other_server_speaks_for_the_service(serve, method):
    """It would be asked without the key, and may know nothing of a job that is there."""
    other = serve(sends(answer(b"{}", status="404 Not Found")))
    server = serve(sends(answer(status="302 Found", location=other.url())))
    with open_client() as client, pytest.raises(ProviderError) as caught:
        carry_out(steps(Call(method, "/v2/x")), connected(server), client)
    assert (caught.value.kind, caught.value.code) == ("provider", "redirect")
    assert other.requests == []


@pytest.mark.parametrize(
    ("method", "body", "kind"),
    [
        ("GET", b"<h1>Not Found</h1>", "provider"),
        ("DELETE", b"The deployment could not be found", "provider"),
        ("GET", b'{"message": "Not found"}', "missing"),
        ("DELETE", b"", "missing"),
        ("POST", b"<h1>Not Found</h1>", "missing"),
    ],
)
def test_only_the_service_itself_says_that_a_job_is_not_there(serve, method, body, kind):
    """Not what stands before it, while it is down."""
    server = serve(sends(answer(body, status="404 Not Found")))
    with open_client() as client, pytest.raises(ProviderError) as caught:
        carry_out(steps(Call(method, "/v2/x")), connected(server), client)
    assert caught.value.kind == kind
    assert caught.value.body == body


def test_it_says_whose_address_is_wrong(internet):
    connection = Connection(Sync(), base_url="https://127.0.0.1", key=SECRET)
    with open_client() as client, pytest.raises(ProviderError) as caught:
        carry_out(steps(Call("GET", "/v2/models")), connection, client)
    assert (caught.value.kind, caught.value.code) == ("input", "refused")
    assert "Correct it among the team's accounts." in str(caught.value)
    assert internet.connects == []


def test_it_asks_again_in_time(serve):
    server = serve(sends(answer(b"[1]")))
    call = Call("GET", "/v2/errors", with_key=False, keep_for=0.01)
    with open_client() as client:
        for _ in range(2):
            carry_out(steps(call), connected(server), client)
            time.sleep(0.02)
    assert len(server.requests) == 2

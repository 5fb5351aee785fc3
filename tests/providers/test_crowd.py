from __future__ import annotations

import socket
import time

from clipboard.providers.crowd import Crowd
from clipboard.providers.port import Call
from clipboard.providers.speak import Connection
from clipboard.providers.sync import Sync
from tests.providers.internet import SECRET, SOON, answer, says_nothing, sends


def asks(path="/v2/x", **more):
    return (yield Call("GET", path, **more)).json()


def stumbles():
    yield Call("GET", "/v2/x")
    raise RecursionError


def connected(server):
    return Connection(Sync(), base_url=server.url(""), key=SECRET)


def heard(crowd, *names):
    """What is told by the time that all of these have answered."""
    told, end = {}, time.monotonic() + SOON
    while not told.keys() >= set(names) and time.monotonic() < end:
        told |= crowd.answers(within=0.5)
    return told


def test_one_that_dawdles_holds_up_nobody(serve):
    quick, slow = serve(sends(answer(b"[1]"))), serve(says_nothing)
    began = time.monotonic()
    with Crowd() as crowd:
        crowd.ask(connected(slow), [("slow", asks())])
        crowd.ask(connected(quick), [("a", asks()), ("b", asks())])
        assert heard(crowd, "a", "b") == {"a": [1], "b": [1]}
        assert crowd.waiting == 1
        crowd.ask(connected(quick), [("c", asks())])
        assert heard(crowd, "c") == {"c": [1]}
    assert time.monotonic() - began < SOON, "whoever has not answered is left"


def test_it_waits_no_longer_than_there_is_somebody_to_wait_for(serve):
    server = serve(sends(answer(b"[1]")))
    began = time.monotonic()
    with Crowd() as crowd:
        assert crowd.answers(within=3 * SOON) == []
        crowd.ask(connected(server), [("a", asks())])
        assert heard(crowd, "a") == {"a": [1]}
    assert time.monotonic() - began < SOON


def test_what_goes_wrong_with_one_is_told_of_that_one(serve, caplog):
    server = serve(sends(answer(b"[1]")))
    with Crowd() as crowd:
        several = [("late", asks(deadline=0.01)), ("odd", stumbles()), ("fine", asks())]
        crowd.ask(connected(serve(says_nothing)), several[:1])
        crowd.ask(connected(server), several[1:])
        told = heard(crowd, "late", "odd", "fine")
    assert (told["late"].kind, told["odd"].code, told["fine"]) == ("network", "not_read", [1])
    assert "RecursionError" in caplog.text


def test_a_kept_connection_that_was_closed_meanwhile_does_no_harm(serve, internet):
    server = serve(sends(answer(b"[1]")))  # closes after each, and does not say so

    with Crowd() as crowd:
        for name in ("a", "b", "c"):
            crowd.ask(connected(server), [(name, asks())])
            assert heard(crowd, name) == {name: [1]}
    assert len(server.requests) == 3


def test_it_keeps_its_connections(serve, internet):
    def answers_all(connection: socket.socket, _: bytes) -> None:
        connection.sendall(answer(b"[1]"))
        while connection.recv(65536):
            connection.sendall(answer(b"[1]"))

    server = serve(answers_all)
    with Crowd() as crowd:
        for name in ("a", "b", "c"):
            crowd.ask(connected(server), [(name, asks())])
            assert heard(crowd, name) == {name: [1]}
    assert len(internet.connects) == 1

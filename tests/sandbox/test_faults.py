"""What can be made to go wrong, as clients see it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from clipboard.providers.download import download
from clipboard.providers.errors import ProviderError
from clipboard.providers.registry import PROVIDERS
from tests.processes import wait_for

reka = PROVIDERS["reka"]
KEY = "reka-0123456789"


@pytest.fixture
def ask(asking):
    return asking("reka", KEY)


@pytest.fixture
def does(sandbox):
    """does({…}) → the next request of that key, or for a file, goes wrong like this."""

    def switch_on(fault, *, times=1, vendor="reka", key=KEY):
        asked = {"vendor": vendor, "key": key, "matches": "GET", "does": fault, "times": times}
        answer = httpx.post(f"{sandbox.origin}/control/faults", json=asked)
        assert answer.json() == {"ok": True}

    return switch_on


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"hang_up": "before"}, "network"),
        ({"hang_up": "reset"}, "network"),
        ({"status": 429, "headers": {"Retry-After": "7"}}, "rate"),
        ({"status": 302, "headers": {"Location": "http://169.254.169.254/"}}, "provider"),
        ({"cut": 0.5}, "network"),
        ({"cut": 0.5, "no_length": True}, "provider"),
        ({"raw": "\ufeff<html>"}, "provider"),
        ({"raw": "[" * 100_000}, "provider"),
        ({"headers": {"Content-Encoding": "gzip"}}, "provider"),
        ({"pad": 60_000_000}, "provider"),
        ({"pad": 60_000_000, "no_length": True}, "provider"),
        ({"replace": {"items": "many"}}, "provider"),
    ],
)
def test_our_adapter_survives_it(ask, does, refused, fault, kind):
    does(fault)
    error = refused(ask, reka.greet())
    assert error.kind == kind
    assert error.retry_after == (7 if kind == "rate" else None)
    assert ask(reka.greet()), "a fault is used up"


@pytest.mark.parametrize(
    "fault", [{"headers": {"Content-Type": "text/html; charset=rot13"}}, {"pad": 100}]
)
def test_some_of_it_does_no_harm(ask, does, fault):
    does(fault)
    assert ask(reka.greet())


def test_it_can_be_slow(sandbox, does):
    does({"delay": 0.3})
    does({"drip": 0.05})
    with httpx.Client(headers={"x-api-key": KEY}) as client:
        for least in (0.3, 0.6):
            begin = time.monotonic()
            assert client.get(f"{sandbox.base_url('reka')}/v1/clips").json() == {"items": []}
            assert time.monotonic() - begin > least


@pytest.mark.parametrize(("moment", "is_taken"), [("before", 0), ("after", 1), (0.5, 1)])
def test_an_answer_can_be_held_until_the_fault_is_taken_back(sandbox, moment, is_taken):
    control, reka_clips = f"{sandbox.origin}/control/faults", f"{sandbox.base_url('reka')}/v1/clips"
    asked = {"vendor": "reka", "key": KEY, "matches": "POST", "does": {"hold": moment}}
    httpx.post(control, json=asked)
    order = {"video_urls": ["https://me.example/talk.mp4"]}
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(
            httpx.post, reka_clips, json=order, headers={"x-api-key": KEY}, timeout=60
        )
        while httpx.get(control).json()[0]["times_left"]:
            time.sleep(0.01)
        wait_for(lambda: len(sandbox.memory.ledger()) == is_taken, "the order to be taken")
        time.sleep(0.1)
        assert not answer.done()
        assert len(sandbox.memory.ledger()) == is_taken
        httpx.request("DELETE", control, json=asked)
        assert answer.result().status_code == 202
    assert len(sandbox.memory.ledger()) == 1
    assert httpx.get(control).json() == []


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"status": 403}, "auth"),
        ({"status": 410}, "missing"),
        ({"status": 302, "headers": {"Location": "http://169.254.169.254/"}}, "input"),
        ({"cut": 0.5}, "network"),
        ({"pad": 30_000_000}, "provider"),
    ],
)
def test_files_go_wrong_too(sandbox, does, tmp_path, fault, kind):
    url = address(sandbox)
    does(fault, vendor="files", key="")
    with pytest.raises(ProviderError) as caught:
        download(url, tmp_path / "got", max_bytes=10**7, deadline=30)
    assert caught.value.kind == kind
    assert download(url, tmp_path / "again", max_bytes=10**7, deadline=30).size


@pytest.mark.parametrize("fault", [{"extra": 50}, {"raw": "<html>"}, {"changed": True}])
def test_a_file_may_be_another_than_it_seems(sandbox, does, tmp_path, fault):
    url = address(sandbox)
    whole = download(url, tmp_path / "whole", max_bytes=10**7, deadline=30)
    does(fault, vendor="files", key="")
    got = download(url, tmp_path / "got", max_bytes=10**7, deadline=30)
    assert got.content_type == "video/mp4"
    assert (got.sha256 == whole.sha256) == ("extra" in fault)


def address(sandbox):
    name = sandbox.outputs.copy("https://me.example/talk.mp4")
    return sandbox.outputs.address(sandbox.origin, name, seconds=60)


def test_faults_are_of_one_key_and_can_be_taken_back(sandbox, does, ask, refused):
    does({"status": 500}, times=100)
    assert ask(reka.greet(), key="another")
    assert refused(ask, reka.greet()).kind == "provider"
    asked = {"vendor": "reka", "key": KEY}
    httpx.request("DELETE", f"{sandbox.origin}/control/faults", json=asked)
    assert ask(reka.greet())


def test_the_ledger_can_be_read(sandbox):
    sandbox.world("reka", KEY).bill("job", "clips", 1, "requests")
    (row,) = httpx.get(f"{sandbox.origin}/control/ledger").json()
    assert (row["vendor"], row["key"], row["id"]) == ("reka", KEY, "job")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/else/", 404), ("GET", "/control/else", 404), ("POST", "/control/faults", 400)],
)
def test_what_is_not_there_is_told(sandbox, method, path, status):
    answer = httpx.request(method, f"{sandbox.origin}{path}", json={})
    assert answer.status_code == status
    assert answer.json()["error"]


def test_bodies_may_come_in_chunks(sandbox):
    def chunks():
        yield b'{"video_urls": '
        yield b'["https://me.example/talk.mp4"]}'

    with httpx.Client(headers={"x-api-key": KEY}) as client:
        url = f"{sandbox.base_url('reka')}/v1/clips"
        assert client.post(url, content=chunks()).status_code == 202
        assert len(client.get(url).json()["items"]) == 1

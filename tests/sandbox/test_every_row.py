"""Every row of the matrix of faults that a provider can be the cause of can be switched on, and our
own adapters and downloads come to the end that the row asks for.

Rows about our own disk, processes and storage (F-D09 to F-D13, F-D15) are no vendor's doing.
"""

from __future__ import annotations

import gzip
import json
import time
from math import inf

import httpx
import pytest

from clipboard.providers.download import download
from clipboard.providers.errors import ProviderError
from clipboard.providers.model import Order
from clipboard.providers.outbound import open_client
from clipboard.providers.registry import PROVIDERS
from clipboard.providers.speak import carry_out
from tests.clips.at_sandbox import fault
from tests.processes import wait_for

TALK = "https://me.example/talk.mp4"
KEYS = {"reka": "reka-0123456789", "reelbot": "rb_live_0123456789", "sync": "sk-0123456789",
        "scalereach": "sr_live_0123456789"}  # fmt: skip
FOOTAGE = {"videoType": "cinematic", "topic": "sea", "brollKeys": ["shared/sea.mp4"]}
LIPS = {"model": "lipsync-2", "sound": "address", "audio.url": "https://me.example/a.wav"}
ORDERS = {
    "reka": Order(address=TALK),
    "reelbot": Order(options=FOOTAGE),
    "sync": Order(options=LIPS, address=TALK, idempotency_key="once"),
    "scalereach": Order(address="https://www.youtube.com/watch?v=wVXAFlueS9Y"),
}
HTML = {"status": 502, "body": "<html>", "headers": {"Content-Type": "text/html"}}
MOMENT = "2099-01-01T00:00:00Z"


@pytest.fixture
def speak(connect):
    """speak("reka", steps) → what comes of them; `hurry` in seconds."""

    def to(vendor, steps, *, hurry=inf):
        with open_client() as client:
            return carry_out(steps, connect(vendor, KEYS[vendor]), client, hurry=hurry)

    return to


@pytest.fixture
def on(sandbox):
    def switch(vendor, matches, does, times=1):
        fault(sandbox, does, matches=matches, provider=vendor, key=KEYS[vendor], times=times)

    return switch


def hurry_in(row):
    """A byte a second takes longer than anybody waits."""
    return 3 if row == "P12" else inf


# --- Orders: what it comes to, and how many are billed --------------------------------------------

ORDERED = [
    ("P02", "scalereach", {"status": 402, "body": {"error": "No minutes left"}}, "payment", 0),
    ("P02", "reelbot", {"status": 402, "body": {"code": "QUOTA_EXCEEDED"}}, "payment", 0),
    ("P06", "sync", {"status": 422, "body": {"message": ["too long", "too wide"]}}, "input", 0),
    ("P06", "reka", {"status": 400, "body": {"error": {"message": "No."}}}, "input", 0),
    ("P08", "reka", HTML, "unknown", 0),
    ("P08", "reka", HTML | {"after": True}, "unknown", 1),
    ("P09", "sync", {"status": 503, "after": True,
                     "body": {"errorCode": "IDEMPOTENCY_OUTCOME_UNKNOWN"}}, "unknown", 1),
    ("P10", "reka", {"hang_up": "reset"}, "unknown", 0),
    ("P11", "reka", {"hang_up": "after"}, "unknown", 1),
    ("P11", "scalereach", {"hang_up": "after"}, "unknown", 1),
    ("P12", "reka", {"drip": 1}, "unknown", 1),
    ("P13", "scalereach", {"cut": 0.5}, "unknown", 1),
]  # fmt: skip


@pytest.mark.parametrize(("row", "vendor", "does", "kind", "billed"), ORDERED)
def test_an_order_comes_to(speak, on, sandbox, row, vendor, does, kind, billed):
    on(vendor, "POST", does)
    with pytest.raises(ProviderError) as caught:
        speak(vendor, PROVIDERS[vendor].submit(ORDERS[vendor]), hurry=hurry_in(row))
    assert caught.value.kind == kind
    wait_for(lambda: len(sandbox.memory.ledger()) == billed, "the order to be billed, or not")


# --- Questions: the kind of error, or the state that is read --------------------------------------

DEEP, SURROGATE = "[" * 100_000, '{"status": "processing", "prompt": "\\ud800\\u0000"}'
SAYS = {
    "no JSON number": '{"status": "processing", "progress": NaN, "created_at": 1e999}',
    "long integer": '{"status": ' + "9" * 5000 + "}",
    "twice": '{"status": "failed", "status": "processing"}',
}
ASKED = [
    ("P01", "reka", {"status": 401, "body": {"error": {"type": "authentication_error"}}}, "auth"),
    ("P01", "sync", {"status": 401, "body": {"message": "Unauthorized"}}, "auth"),
    ("P03", "reka", {"status": 404}, "missing"),
    ("P08", "reka", HTML, "provider"),
    ("P10", "reka", {"hang_up": "before"}, "network"),
    ("P10", "reka", {"hang_up": "reset"}, "network"),
    ("P12", "reka", {"drip": 1}, "network"),
    ("P12", "reka", {"drip_head": 1}, "network"),
    ("P13", "reka", {"cut": 0.5, "no_length": True}, "provider"),
    ("P13", "reka", {"raw": ""}, "provider"),
    ("P13", "reka", {"raw": "<html>"}, "provider"),
    ("P13", "reka", {"raw": "\ufeff<html>"}, "provider"),
    ("P13", "reka", {"headers": {"Content-Type": "application/json; charset=rot13"}}, "queued"),
    ("P13", "reka", {"headers": {"Content-Encoding": "gzip"}}, "provider"),
    ("P14", "reka", {"pad": 10**9}, "provider"),
    ("P14", "reka", {"endless": True}, "provider"),
    ("P14", "reka", {"pad": 3 * 10**7, "gzip": 1}, "provider"),
    ("P14", "reka", {"pad": 3 * 10**7, "gzip": 3}, "provider"),
    ("P14", "reka", {"headers": {"X-Long": "x" * 300_000}}, "network"),
    ("P15", "reka", {"raw": SAYS["no JSON number"]}, "running"),
    ("P15", "reka", {"raw": SAYS["long integer"]}, "provider"),
    ("P15", "reka", {"raw": DEEP}, "provider"),
    ("P15", "reka", {"raw": SAYS["twice"]}, "running"),
    ("P15", "reka", {"raw": SURROGATE}, "running"),
    ("P16", "reka", {"replace": {"output": "many", "status": "processing"}}, "running"),
    ("P16", "reka", {"replace": {"status": "completed", "output": "many"}}, "provider"),
    ("P17", "reka", {"replace": {"status": "defragmenting"}}, "running"),
    ("P17", "sync", {"replace": {"status": "CANCELED"}}, "cancelled"),
    ("P17", "scalereach", {"replace": {"video": {"status": "expired"}}}, "expired"),
    ("P19", "reka", {"replace": {"status": "completed", "output": []}}, "succeeded"),
    ("P24", "reka", {"replace": {"created_at": "0000-02-30", "status": "queued"}}, "queued"),
]


@pytest.mark.parametrize(("row", "vendor", "does", "comes_to"), ASKED)
def test_a_question_comes_to(speak, on, row, vendor, does, comes_to):
    adapter = PROVIDERS[vendor]
    job = speak(vendor, adapter.submit(ORDERS[vendor])).remote_id
    on(vendor, "GET", does, times=9)
    began = time.monotonic()
    try:
        found = speak(vendor, adapter.poll(job), hurry=hurry_in(row)).state
    except ProviderError as error:
        found = error.kind
    assert found == comes_to
    assert time.monotonic() - began < 60, "the deadline is one over all of it"


LIMITS = [
    {"headers": {"Retry-After": "7"}},
    {"headers": {"Retry-After": "Fri, 01 Jan 2099 00:00:00 GMT"}},
    {"headers": {"Retry-After": "-7"}},
    {"headers": {"Retry-After": "315360000"}},
    {"headers": {"Retry-After": "soon"}},
    {"headers": {"X-RateLimit-Reset": "4070908800"}},
    {"body": {"code": "RATE_LIMITED", "details": {"resetAt": MOMENT}}},
    {"body": {"errorCode": "concurrency_limit_reached", "retryAfterSeconds": 5}},
    {},
]  # what comes of each stands in test_told_when.py


@pytest.mark.parametrize("vendor", list(KEYS))
def test_a_limit_is_told_in_any_shape(speak, on, vendor):
    """P07."""
    for told in LIMITS:
        on(vendor, "GET", {"status": 429} | told)
        with pytest.raises(ProviderError) as caught:
            speak(vendor, PROVIDERS[vendor].poll("job"))
        assert caught.value.kind == "rate", told
        assert (caught.value.retry_after or 0) <= 24 * 3600, told


def test_a_history_goes_back_and_on_as_it_is_scripted(speak, on):
    """P18 and P23: faults are used up in their order, the last for as long as is wished."""
    job = speak("reka", PROVIDERS["reka"].submit(ORDERS["reka"])).remote_id
    for word, times in (("processing", 1), ("queued", 1), ("completed", 1), ("processing", 9)):
        on("reka", "GET", {"replace": {"status": word, "output": []}}, times)
    seen = [speak("reka", PROVIDERS["reka"].poll(job)).state for _ in range(6)]
    assert seen == ["running", "queued", "succeeded", "running", "running", "running"]


def test_lists_grow_shrink_repeat_and_change_their_ids(speak, on):
    """P19 to P22, at the provider whose clips have ids."""
    adapter, name = PROVIDERS["scalereach"], "scalereach"
    job = speak(name, adapter.submit(ORDERS[name])).remote_id
    odd = "../é" + "x" * 100
    lists = [["a"], ["a", "b"], ["b"], ["b", "b", "a"], [odd, "a"], ["y" * 10_000]]
    for ids in lists:
        clips = [{"id": one, "downloadUrl": f"https://cdn.example/{place}.mp4"}
                 for place, one in enumerate(ids)]  # fmt: skip
        on(name, "GET", {"replace": {"clips": clips}})
        found = [clip.remote_id for clip in speak(name, adapter.clips(job))]
        assert found == (["#0"] if len(ids[0]) > 255 else list(dict.fromkeys(ids)))


def test_what_is_not_yet_or_no_longer_so_is_told(speak, on):
    """P04 and P05."""
    reelbot, sync = PROVIDERS["reelbot"], PROVIDERS["sync"]
    on("reelbot", "GET /api/v1/video/download",
       {"status": 400, "body": {"success": False, "code": "VIDEO_NOT_READY"}})  # fmt: skip
    with pytest.raises(ProviderError) as caught:
        speak("reelbot", reelbot.refresh("projaaaa", "output"))
    assert (caught.value.kind, caught.value.retryable) == ("conflict", True)
    job = speak("sync", sync.submit(ORDERS["sync"])).remote_id
    with pytest.raises(ProviderError) as caught:
        speak("sync", sync.delete(job))
    assert caught.value.kind == "conflict"


# --- Files ----------------------------------------------------------------------------------------

PAGE = {"raw": "<html>", "headers": {"Content-Type": "text/html"}}
FETCHED = [
    ("D01", {"status": 403, "body": "<Error/>"}, "auth"),
    ("D01", {"status": 410}, "missing"),
    ("D02", {"cut": 0.5}, "network"),
    ("D03", {"cut": 0.5, "no_length": True}, "shorter"),
    ("D04", {"extra": 5000}, "whole"),
    ("D05", PAGE, "input"),
    ("D05", {"raw": "<Error>"}, "shorter"),
    ("D06", {"status": 302, "headers": {"Location": "http://169.254.169.254/"}}, "input"),
    ("D06", {"status": 302, "headers": {"Location": "file:///etc/passwd"}}, "input"),
    ("D06", {"round": True}, "provider"),
    ("D07", {"no_ranges": True}, "whole"),
    ("D08", {"pad": 50 * 10**9}, "provider"),
    ("D08", {"endless": True}, "provider"),
    ("D14", {"changed": True}, "another"),
]


@pytest.mark.parametrize(("row", "does", "comes_to"), FETCHED)
def test_a_file_comes_to(sandbox, tmp_path, row, does, comes_to):
    name = sandbox.outputs.copy(TALK)
    url = sandbox.outputs.address(sandbox.origin, name, seconds=60)
    whole = sandbox.outputs.file(name).read_bytes()
    fault(sandbox, does, matches="GET", provider="files", key="", times=9)
    try:
        got = download(url, tmp_path / "got", max_bytes=10**7, deadline=60).path.read_bytes()
    except ProviderError as error:
        return pytest.fail(str(error)) if error.kind != comes_to else None
    found = "whole" if got == whole else "shorter" if len(got) < len(whole) else "another"
    assert found == comes_to


def test_rows_of_the_matrix_that_have_no_answer_of_a_vendor_are_told_by_the_address(
    sandbox, connect
):
    """P10: nobody there, and encryption that is none."""
    connection = connect("reka", KEYS["reka"])
    for url, code in (
        (sandbox.base_url("reka").replace("http:", "https:"), "tls"),
        ("http://127.0.0.1:1/reka", "connect"),
    ):
        connection.base_url = url
        with (
            open_client(allow=[sandbox.netloc, "127.0.0.1:1"]) as client,
            pytest.raises(ProviderError) as caught,
        ):
            carry_out(PROVIDERS["reka"].greet(), connection, client)
        assert (caught.value.kind, caught.value.code) == ("network", code)


# --- The sandbox's own side -----------------------------------------------------------------------


def test_a_body_is_really_compressed(sandbox, on):
    on("reka", "GET", {"gzip": 2, "pad": 1000})
    url, key = f"{sandbox.base_url('reka')}/v1/clips", {"x-api-key": KEYS["reka"]}
    with httpx.stream("GET", url, headers=key) as answer:
        assert answer.headers["content-encoding"] == "gzip, gzip"
        body = gzip.decompress(gzip.decompress(b"".join(answer.iter_raw())))
    assert json.loads(body) == {"items": []}
    assert len(body) > 1000


def test_chunks_come_for_as_long_as_somebody_listens(sandbox, on):
    on("reka", "GET", {"endless": True})
    url, key = f"{sandbox.base_url('reka')}/v1/clips", {"x-api-key": KEYS["reka"]}
    got = 0
    with httpx.stream("GET", url, headers=key) as answer:
        for piece in answer.iter_raw():
            got += len(piece)
            if got > 5_000_000:
                break
    assert got > 5_000_000

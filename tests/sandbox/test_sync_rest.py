"""What sync.so has beside generations, and how they are asked after."""

from __future__ import annotations

import http.server
import json
import threading

import httpx
import pytest

from clipboard.providers.model import Order
from clipboard.providers.registry import PROVIDERS
from clipboard.sandbox.sync_webhook import secret_of
from tests.sandbox.syncing import BODY, KEY, OPTIONS, order

sync = PROVIDERS["sync"]


@pytest.fixture
def ask(asking):
    return asking("sync", KEY)


@pytest.fixture
def client(sandbox):
    with httpx.Client(base_url=sandbox.base_url("sync"), headers={"x-api-key": KEY}) as client:
        yield client


def test_an_answer_can_be_held_back(ask, clock, client):
    job = ask(sync.submit(order())).remote_id
    clock.skip(7.5)
    clock.runs = True
    held = ask(sync.wait(job, seconds=20))
    assert held.state == "succeeded"
    clock.runs = False
    another = ask(sync.submit(order())).remote_id
    said = client.get(f"/v2/generate/{another}", params={"wait": "true", "timeout": 1})
    assert (said.status_code, said.json()["status"]) == (200, "PENDING")
    assert said.headers["x-sync-wait-timeout-seconds"] == "1"


@pytest.mark.parametrize(
    ("params", "key", "status"),
    [
        ({"wait": "true", "include": "progress"}, KEY, 400),
        ({"wait": "True", "include": "progress"}, KEY, 400),  # as Python writes it
        ({"wait": "true", "timeout": "56"}, KEY, 400),
        ({"wait": "true", "timeout": "0.5"}, KEY, 400),
        ({"wait": "true", "timeout": "long"}, KEY, 400),
        ({"wait": "true", "timeout": "11"}, "sk-later", 400),
        ({"include": "progress"}, KEY, 200),
        ({"wait": "false", "include": "progress"}, KEY, 200),
    ],
)
def test_waiting_and_progress_exclude_each_other(client, params, key, status):
    headers = {"x-api-key": key}
    job = client.post("/v2/generate", json=BODY, headers=headers).json()["id"]
    answer = client.get(f"/v2/generate/{job}", params=params, headers=headers)
    assert answer.status_code == status
    assert ("progress_percent" in answer.json()) == (status == 200)


def test_a_later_key_gets_the_later_answers(ask, clock):
    job = ask(sync.submit(order()), key="sk-later").remote_id
    clock.skip(9)
    raw = ask(sync.poll(job), key="sk-later").raw
    assert raw["outputMediaUrl"] == raw["outputUrl"]


@pytest.mark.parametrize(
    "params",
    [
        {"status": "COMPLETED,FAILED"},
        {"status": ["COMPLETED", "FAILED"]},
        {"status": '["COMPLETED","FAILED"]'},
    ],
)
def test_lists_are_taken_in_all_three_encodings(client, clock, params):
    done = client.post("/v2/generate", json=BODY).json()["id"]
    clock.skip(9)
    running = client.post("/v2/generate", json=BODY).json()["id"]
    listed = client.get("/v2/generations", params=params).json()
    assert [job["id"] for job in listed] == [done]
    both = ",".join([done, running])
    for ids in (both, [done, running], json.dumps([done, running])):
        found = client.get("/v2/generations", params={"ids": ids}).json()
        assert {job["id"] for job in found} == {done, running}


def test_it_pages_its_list(ask, client, clock):
    ids = []
    for _ in range(5):
        ids.insert(0, client.post("/v2/generate", json=BODY).json()["id"])
        clock.skip(9)
    page = ask(sync.listed(limit=2))
    assert [job.remote_id for job in page] == ids[:2]
    page = ask(sync.listed(limit=4, cursor=ids[1]))
    assert [job.remote_id for job in page] == ids[2:]
    assert len(client.get("/v2/generations").json()) == 5
    for bad in ({"limit": 0}, {"limit": 101}, {"limit": "x"}, {"cursor": ids[0]}):
        assert client.get("/v2/generations", params=bad).status_code == 400
    found = ask(sync.find(order()))
    assert [job.remote_id for job in found] == ids


def test_it_deletes_only_what_has_ended(ask, refused, clock):
    job = ask(sync.submit(order())).remote_id
    error = refused(ask, sync.delete(job))
    assert (error.kind, error.code) == ("conflict", "generation_not_deletable_while_processing")
    clock.skip(9)
    ask(sync.delete(job))
    assert refused(ask, sync.poll(job)).kind == "missing"
    ask(sync.delete(job))


def test_ids_are_checked(client):
    answer = client.get("/v2/generate/nonsense")
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "invalid_generation_id")
    answer = client.get("/v2/generate/550e8400-e29b-41d4-a716-446655440000")
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "generation_not_found")


def test_prices_come_in_both_shapes(ask, client, refused):
    cost = ask(sync.estimate(order()))
    assert (cost.amount, cost.unit) == (pytest.approx(0.2, abs=0.02), "USD")
    for path in ("/v2/generations/estimate", "/v2/generate/estimate-cost"):
        said = client.post(path, json={"model": "lipsync-2", "duration": 10}).json()
        assert (said["estimatedGenerationCost"], said["estimatedFrameCount"]) == (0.5, 300)
    unknown = client.post("/v2/generations/estimate", json={"model": "x", "duration": 10})
    assert unknown.json()["errorCode"] == "cost_estimate_unavailable"


def test_error_codes_are_told_to_anybody(ask, sandbox):
    known = ask(sync.catalogue(), key="")
    assert len(known) == 62
    answer = httpx.get(f"{sandbox.base_url('sync')}/v2/errors")
    assert all(item["code"] and item["message"] and item["suggestion"] for item in answer.json())


def test_it_knows_keys_apart(ask, refused, sandbox):
    job = ask(sync.submit(order())).remote_id
    for key, kind in (("sk-other", "missing"), ("sk-bad", "auth"), ("", "auth")):
        assert refused(ask, sync.poll(job), key=key).kind == kind
    url = f"{sandbox.base_url('sync')}/v2/models"
    assert httpx.get(url).json()["error"] == "Unauthorized"
    wrong = httpx.get(url, headers={"x-api-key": "sk-bad"}).json()
    assert wrong == {"message": "Unauthorized", "statusCode": 401}


def test_assets_stand_for_addresses(ask, client, clock):
    made = client.post("/v2/assets", json={"url": "https://me.example/clip.mp4", "name": "clip"})
    asset = made.json()["id"]
    assert client.get(f"/v2/assets/{asset}").json() == made.json()
    job = ask(sync.submit(Order(options=OPTIONS, asset=asset)))
    clock.skip(9)
    assert ask(sync.poll(job.remote_id)).clips[0].file
    assert client.delete(f"/v2/assets/{asset}").status_code == 200
    assert client.get("/v2/assets").json()["items"] == []
    assert client.get(f"/v2/assets/{asset}").json()["errorCode"] == "asset_not_found"


def test_assets_come_in_pages_of_the_kinds_that_are_asked_for(client):
    for name, kind in (("one", "VIDEO"), ("two", "AUDIO"), ("three", "VIDEO")):
        client.post("/v2/assets", json={"url": "https://me.example/a", "name": name, "type": kind})
    first = client.get("/v2/assets", params={"limit": 1, "types": "VIDEO,IMAGE"}).json()
    asked = {"limit": 1, "types": ["VIDEO", "IMAGE"], "cursor": first["nextCursor"]}
    rest = client.get("/v2/assets", params=asked).json()
    assert [page["items"][0]["name"] for page in (first, rest)] == ["three", "one"]
    assert (first["totalCount"], rest["nextCursor"]) == (2, None)
    found = client.get("/v2/assets", params={"searchQuery": "TWO"}).json()["items"]
    assert {"createdAt", "updatedAt", "visibility"} < found[0].keys()
    assert client.get("/v2/assets", params={"limit": 0}).status_code == 400


def test_models_are_told_whole_and_batches_want_a_larger_plan(client):
    assert {"id", "name", "type", "version"} < client.get("/v2/models").json()[0].keys()
    for method, path in (("GET", "/v2/batch"), ("POST", "/v2/batch"), ("GET", "/v2/batch/x")):
        refused = client.request(method, path)
        assert (refused.status_code, refused.json()["errorCode"]) == (
            403,
            "plan_feature_unavailable",
        )


@pytest.fixture
def inbox():
    """What was posted to a server of ours: (headers, body)."""
    got, arrived = [], threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()
            arrived.set()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", got, arrived
    server.shutdown()
    server.server_close()


def test_a_signed_message_tells_of_the_end(ask, inbox, clock, client):
    url, got, arrived = inbox
    job = ask(sync.submit(order(webhook_url=url))).remote_id
    assert not arrived.wait(0.3)
    clock.skip(9)
    assert arrived.wait(10)
    headers, body = got[0]
    secret = client.get("/v2/organizations/webhook/secret").json()["secret"]
    assert secret == secret_of(KEY)
    assert sync.check_webhook(body, headers, secret) == job
    assert json.loads(body)["id"] == job
    assert (json.loads(body)["status"], json.loads(body)["error_code"]) == ("COMPLETED", None)
    assert "errorCode" not in json.loads(body)


def test_no_proxy_is_told_of_it(ask, inbox, clock, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    url, _, arrived = inbox
    ask(sync.submit(order(webhook_url=url)))
    clock.skip(9)
    assert arrived.wait(10)


def test_no_message_goes_beyond_this_machine(ask):
    """A thread watches each job that one is to be sent of."""
    for url, watchers in (
        ("https://me.example/hook", 0),
        ("http://[", 0),
        ("file://localhost/etc/hostname", 0),
        ("http://127.0.0.1:9/hook", 1),
    ):
        job = ask(sync.submit(order(webhook_url=url))).remote_id
        names = [thread.name for thread in threading.enumerate()]
        assert names.count(f"webhook of {job}") == watchers

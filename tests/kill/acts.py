"""The acts of the play: at each several workers stand at one point each, and are killed together.

Inside a transaction, which lets nobody else write, they are killed as they come.
"""

from __future__ import annotations

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx

from clipboard.providers import sync_webhook
from tests.kill.killing import MOVING_AGAIN
from tests.kill.stage import FILES

POSTS = {
    "reka": "POST /v1/clips",
    "scalereach": "POST /api/videos/youtube",
    "reelbot": "POST /api/v1/video/generate",
    "sync": "POST /v2/generate",
}
ENDED = ("succeeded", "failed", "rejected", "expired", "cancelled")
# Where nobody knows what came of an order: by the list, by its key, by a person.
SUBMITS = [
    "reka: claimed",
    "reka: intent written",
    "reka: order arrives",
    "reka: order taken",
    "reka: half an answer",
    "reka: answered",
    "reka: number written",
    "scalereach: order arrives",
    "scalereach: order taken",
    "sync: intent written",
    "sync: order taken",
    "reelbot: order arrives",
    "reelbot: order taken",
]
POLLS = ["reka: poll claimed", "reka: poll arrives", "reka: half a poll", "reka: poll answered"]
LATE = "scalereach: late collect"
HOOKS = ["sync: half a message", "sync: message noted", "sync: message taken"]
DOWNLOADS = [
    "scalereach: download begins",
    "scalereach: file arrives",
    "scalereach: half a file",
    "scalereach: fresh address",
]
COLLECTS = [
    "scalereach: clips listed",
    "scalereach: file ordered",
    "scalereach: end not written",
    "scalereach: end written",
    "scalereach: poster made",
    "scalereach: file put in place",
    "scalereach: file in the row",
    "scalereach: clip complete",
]
SEEN = "scalereach: files"
HOOK = "sync: told"


def kill_submits(stage, client):
    for point in SUBMITS:
        provider, _, where = point.partition(": ")
        job = stage.next_job()
        intent = rf"UPDATE \"clips_job\" SET \"state\".*'submitting'.* {job}\)$"
        number = rf"UPDATE \"clips_job\" SET .*\"remote_id\" = .* {job}\)$"
        if where == "claimed":
            stage.stop(point, "after", rf"UPDATE \"clips_job\" .*\"attempts\" \+ .* {job}\)$")
        elif where == "intent written":
            stage.stop(point, "after", intent)
        elif where in ("answered", "number written"):
            stage.stop(point, "before" if where == "answered" else "after", number)
        else:
            moment = {"order arrives": "before", "order taken": "after"}.get(where, 0.5)
            stage.hold(point, POSTS[provider], moment)
        stage.order(client, point)
    for point in SUBMITS:
        if point in stage.waiting:
            stage.wait_at(point)
        else:
            stage.wait_at_provider(point)
            stage.held[point] = stage.worker_of("clips_job", stage.jobs[point])
    stage.kill(*SUBMITS)


def kill_polls(stage, client):
    """One after the other: a round claims all that are due."""
    claimed, arrives, half, answered = POLLS
    at = stage.jobs
    stage.stop(claimed, "after", rf"\"lease_until\" = %s WHERE .* IN .*[ (]{at[claimed]}[,)]")
    stage.hold(arrives, "GET /v1/clips/", "before")
    stage.hold(half, "GET /v1/clips/", 0.5)
    stage.stop(answered, "before", rf"UPDATE clips_job SET stage = .*[ (]{at[answered]}, '")
    for point in POLLS:
        stage.ask_now(client, at[point])
        if point in stage.waiting:
            stage.wait_at(point)
        else:
            stage.wait_at_provider(point)
            stage.held[point] = stage.worker_of("clips_job", at[point])
    stage.kill(*POLLS)


def kill_hooks(stage):
    """Messages of the provider's, while the web server takes them."""
    half, noted, committed = HOOKS
    with ThreadPoolExecutor(4) as threads, half_a_message(stage):
        stage.stop(committed, "before", 'gunicorn.*INSERT INTO "django_q_ormq"')
        threads.submit(send_message, stage, committed)
        stage.wait_at(committed)
        stage.stop(noted, "after", "gunicorn.*INSERT INTO \"clips_jobevent\".*'webhook'")
        threads.submit(send_message, stage, noted)
        stage.wait_at(noted)
        stage.held[half] = stage.held[noted]
        stage.jobs |= dict.fromkeys(HOOKS, stage.jobs[HOOK])
        stage.kill(*HOOKS)
    stage.product.wait_until(stage.product.is_healthy, "the web server to be back")
    for point in HOOKS:
        assert send_message(stage, point) == 204


def send_message(stage, point):
    """As the provider sends it, once more where nobody said that it came."""
    url, body, headers = message(stage, point)
    try:
        return httpx.post(url, content=body, headers=headers, timeout=30).status_code
    except httpx.TransportError:
        return None


def message(stage, point):
    key = stage.keys[HOOK]
    (job,) = stage.sandbox.world("sync", key).all("generation")
    body = json.dumps({"id": job["id"], "status": "PROCESSING", "n": point}).encode()
    signature = sync_webhook.sign(body, f"whsec_{key}", moment=int(time.time()))
    return job["webhookUrl"], body, {"Sync-Signature": signature}


@contextmanager
def half_a_message(stage):
    url, body, headers = message(stage, HOOKS[0])
    lines = [f"POST {urlsplit(url).path} HTTP/1.1", f"Host: {urlsplit(url).netloc}"]
    lines += [f"{name}: {said}" for name, said in headers.items()]
    lines += [f"Content-Length: {len(body)}", "", ""]
    with socket.create_connection(("127.0.0.1", urlsplit(url).port)) as line:
        line.sendall("\r\n".join(lines).encode() + body[: len(body) // 2])
        yield


def mark_a_favourite(stage, client):
    """One of those clips that are listed before they are rendered."""
    stage.clock.time += 7.5
    stage.ask_now(client, stage.jobs[LATE])
    query = "SELECT id, remote_id FROM clips_clip WHERE job_id = ? ORDER BY id"
    stage.wait_until(lambda: len(stage.product.rows(query, stage.jobs[LATE])) == 3, "the clips")
    stage.clips = stage.product.rows(query, stage.jobs[LATE])
    answer = client.post(f"/clips/{stage.clips[1][0]}/favourite/", data={"on": "1"})
    assert answer.status_code == 302
    stage.put_off([LATE])


def kill_downloads(stage, client):
    """All that are fetched now; one of them finds that its address has run out meanwhile."""
    begins, arrives, half, refreshed = DOWNLOADS
    stage.jobs |= dict.fromkeys(DOWNLOADS, stage.jobs[SEEN])
    stage.stop(begins, "after", 'UPDATE "clips_download" SET "state".*\'fetching\'')
    stage.hold(arrives, "GET /", "before", vendor=FILES)
    stage.hold(half, "GET /", 0.5, vendor=FILES)
    stage.clock.time += 30
    stage.ask_now(client, stage.jobs[SEEN])
    stage.wait_at(begins)
    stage.wait_at_provider(half, vendor=FILES, key="")
    rows = stage.downloading()
    # Who stands at the beginning renews nothing, so that another may have taken its row over.
    others = [row for row, worker in rows.items() if worker != stage.held[begins]]
    for point, row in ((begins, next(iter(rows))), (arrives, others[0]), (half, others[-1])):
        stage.watch_download(point, row)
        stage.held.setdefault(point, rows[row])
    stage.kill(begins, arrives, half)
    refresh(stage, refreshed, others[0])


def refresh(stage, point, row):
    stage.control("DELETE", vendor=FILES, key="")
    provider, key = stage.account_of_download(row)
    stage.change("UPDATE clips_download SET expires_at = '2020-01-01' WHERE id = ?", row)
    stage.control("POST", vendor=provider, key=key, matches="GET /", does={"hold": "before"})
    stage.wait_at_provider(point, vendor=provider, key=key)
    stage.watch_download(point, row)
    stage.held[point] = stage.worker_of("clips_download", row)
    stage.kill(point)
    stage.control("DELETE", vendor=provider, key=key)


def kill_collects(stage, client):
    """While the clips of one job are listed again and again, and their files are kept."""
    job, clips = stage.jobs[LATE], stage.clips
    stage.jobs |= dict.fromkeys(COLLECTS, job)
    listed, ordered, unended, ended, poster, placed, in_row, complete = COLLECTS
    first, second, third = (pk for pk, _ in clips)
    stage.stop(listed, "after", f'INSERT INTO "clips_clip".*{clips[0][1]}')
    stage.stop(ordered, "after", f'INSERT INTO "clips_download".* {second}, ')
    stage.stop(unended, "before", f"UPDATE \"clips_job\" SET .*'succeeded'.* {job}\\)$")
    stage.stop(ended, "after", f"INSERT INTO \"clips_jobevent\" .*\\({job}, .*'ended'")
    stage.stop(poster, "before", f"rename to .*/{first}/poster")
    stage.stop(placed, "before", f"rename to .*/{first}/from-provider")
    stage.stop(in_row, "before", f"UPDATE \"clips_clip\" SET .*'completed'.*[( ]{second}[,)]")
    stage.stop(complete, "after", f"UPDATE \"clips_clip\" SET .*'completed'.*[( ]{third}[,)]")
    # Who is stopped inside a transaction keeps the request waiting until he is killed.
    with ThreadPoolExecutor(1) as beside:
        asked = beside.submit(stage.ask_now, client, job)
        stage.kill_as_they_come(COLLECTS)
    asked.result()


def tell_what_nobody_knows(stage, client):
    """A person says what became of orders that no list tells; where the list says nothing, time
    passes."""
    for point in SUBMITS:
        if point.startswith("reelbot"):
            stage.wait_for(point, "outcome_unknown")
            (number,) = stage.billed(point)
            client.post(f"/jobs/{stage.jobs[point]}/outcome/", data={"remote_id": number})
    point = "reka: intent written"
    stage.wait_until(
        lambda: "does not list it yet" in stage.job(point)[3], "a look-up", seconds=MOVING_AGAIN
    )
    stage.change(
        "UPDATE clips_job SET sent_at = datetime(sent_at, '-4 minutes'), "
        "next_action_at = datetime('now') WHERE id = ?",
        stage.jobs[point],
    )


def wait_for_the_end(stage, points):
    """However long: the tests tell who took too long, and who has not ended."""
    began = time.monotonic()
    while time.monotonic() - began < 2 * MOVING_AGAIN and not have_ended(stage, points):
        stage.look_who_moves()
        stage.hurry()
        stage.clock.time += 2
        time.sleep(1)
    stage.look_who_moves()


def have_ended(stage, points):
    left = stage.product.rows("SELECT 1 FROM clips_download WHERE state != 'ready'")
    return not left and all(stage.job(point)[0] in ENDED for point in points)

"""Recordings on their way to a provider's own store, and what goes wrong there: never two."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from clipboard.clips import tasks
from clipboard.clips.models import Job, RemoteCopy
from tests.clips.at_sandbox import (
    Killed,
    due,
    fault,
    go_on,
    words,
)

pytestmark = pytest.mark.django_db

UPLOAD, LIST = "POST /videos/upload", "POST /videos/get"


@pytest.mark.parametrize("does", [{"hang_up": "after"}, {"raw": "<html>"}, {"cut": 0.5}])
def test_an_upload_whose_answer_is_lost_is_looked_up_and_not_repeated(sandbox, order, there, does):
    fault(sandbox, does, matches=UPLOAD)
    tasks.speak_now()
    tasks.look_now([RemoteCopy])
    copy = RemoteCopy.objects.get()
    assert (copy.state, copy.remote_id) == ("unknown", "")
    order.refresh_from_db()
    assert order.stage == "Looking whether it came to Reka"

    go_on()

    order.refresh_from_db()
    assert order.state == "running"
    assert there() == (1, 1, 1)
    assert "It is looked up at Reka before it is sent again." in "".join(words(order))


@pytest.mark.parametrize("does", [{"hang_up": "before"}, {"status": 502}])
def test_an_upload_that_did_not_arrive_is_sent_again_once_the_list_says_so(
    sandbox, order, there, does
):
    fault(sandbox, does, matches=UPLOAD)
    go_on()
    assert RemoteCopy.objects.get().state == "unknown"
    assert there() == (0, 0, 0), "the list may lag behind"

    RemoteCopy.objects.update(sent_at=timezone.now() - timedelta(minutes=4))
    go_on()
    go_on()

    order.refresh_from_db()
    assert order.state == "running"
    assert there() == (1, 1, 1)


def test_a_worker_that_died_while_sending_leaves_nothing_twice(order, reka, there):
    """Killed after the last byte: the row says sending, and the recording is there."""
    tasks.speak_now()
    RemoteCopy.objects.update(lease_owner="", attempts=0)
    tasks.look_now([RemoteCopy])
    RemoteCopy.objects.update(
        state="sending", remote_id="", lease_owner="dead:1", lease_until=timezone.now()
    )
    Job.objects.update(next_action_at=timezone.now() + timedelta(hours=1))

    for _ in range(2):
        due(RemoteCopy)
        tasks.speak_now()

    assert RemoteCopy.objects.get().is_ready
    assert there() == (1, 1, 1)


@contextmanager
def killed_before(write):
    """Ends whoever is about to write to a copy's row for so manieth a time."""
    seen = []

    def look(execute, sql, params, many, context):
        if "clips_remotecopy" in sql.partition("WHERE")[0] and not sql.startswith("SELECT"):
            seen.append(sql)
            if len(seen) == write:
                raise Killed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look), pytest.raises(Killed):
        yield


@pytest.mark.parametrize("write", range(1, 9))
def test_whoever_is_killed_at_whichever_write_one_recording_comes_of_it(order, there, write):
    with killed_before(write):
        tasks.speak_now()
        tasks.look_now([RemoteCopy])

    for _ in range(3):
        for rows in (Job, RemoteCopy):
            rows.objects.exclude(lease_until=None).update(lease_until=timezone.now())
        long_ago = timezone.now() - timedelta(minutes=4)
        RemoteCopy.objects.exclude(sent_at=None).update(sent_at=long_ago)
        go_on()

    order.refresh_from_db()
    assert order.state == "running"
    assert RemoteCopy.objects.get().is_ready
    assert there() == (1, 1, 1)


def test_a_list_that_cannot_be_read_is_no_reason_to_send_again(sandbox, order, there):
    fault(sandbox, {"hang_up": "after"}, matches=UPLOAD)
    go_on()
    RemoteCopy.objects.update(
        state="unknown", remote_id="", sent_at=timezone.now() - timedelta(minutes=9)
    )
    Job.objects.update(state="queued", remote_id="")
    fault(sandbox, {"replace": {"results": "many"}}, matches=LIST, times=20)

    go_on()

    assert RemoteCopy.objects.get().state == "unknown"
    assert there()[:2] == (1, 1)


def test_it_waits_while_it_is_indexed_and_holds_no_worker(sandbox, order):
    fault(sandbox, {"replace": {"results": [video(order, "indexing")]}}, matches=LIST, times=3)
    tasks.speak_now()
    tasks.look_now([RemoteCopy])

    order.refresh_from_db()
    copy = RemoteCopy.objects.get()
    assert (copy.state, copy.lease_owner) == ("taking", "")
    assert copy.next_action_at > timezone.now()
    assert (order.state, order.stage) == ("queued", "Reka is indexing it")


def test_an_index_that_fails_ends_its_jobs_with_a_sentence_and_can_be_tried_again(
    sandbox, order, there
):
    tasks.speak_now()
    fault(sandbox, {"replace": {"results": []}}, matches=LIST)
    tasks.look_now([RemoteCopy])
    copy = RemoteCopy.objects.get()
    RemoteCopy.objects.update(state="taking", next_action_at=timezone.now())
    Job.objects.update(state="queued", next_action_at=None)
    bad = video(order, "failed") | {"video_id": copy.remote_id, "error": "No sound track"}
    fault(sandbox, {"replace": {"results": [bad]}}, matches=LIST)

    tasks.speak_now()

    order.refresh_from_db()
    assert order.state == "failed"
    assert order.error == "Reka could not take the recording in. No sound track"
    assert words(order)[-1] == order.error
    assert order.can_retry

    order.retry()
    go_on()

    order.refresh_from_db()
    assert order.state == "running"
    assert there()[0] == 1, "what could not be used made room"


def video(order, status):
    name = f"team-talk-{'a' * 20}.mp4"
    return {
        "video_id": "550e8400-e29b-41d4-a716-446655440000",
        "url": "https://cdn.example/v.mp4",
        "indexing_status": status,
        "metadata": {"video_name": name},
    }


@pytest.mark.parametrize(
    ("does", "trouble"), [({"status": 401}, True), ({"status": 400, "body": {}}, False)]
)
def test_an_upload_that_is_refused_ends_the_job_in_words(sandbox, reka, order, does, trouble):
    fault(sandbox, does, matches=UPLOAD)
    go_on()
    order.refresh_from_db()
    reka.refresh_from_db()
    assert order.state == "failed"
    assert order.error
    assert bool(reka.trouble) is trouble


def test_a_full_limit_is_waited_for(sandbox, reka, order):
    fault(sandbox, {"status": 429, "headers": {"retry-after": "77"}}, matches=UPLOAD)
    tasks.speak_now()
    tasks.look_now([RemoteCopy])
    copy = RemoteCopy.objects.get()
    assert copy.state == "waiting"
    assert copy.next_action_at > timezone.now() + timedelta(seconds=60)
    order.refresh_from_db()
    assert (order.state, order.stage) == ("queued", "To be uploaded to Reka")
    assert "slow down" in order.error, "the page says what it waits for"


def test_what_was_taken_in_after_we_gave_up_is_not_sent_again(sandbox, reka, order, there):
    fault(sandbox, {"replace": {"results": [video(order, "indexing")]}}, matches=LIST, times=2)
    tasks.speak_now()
    tasks.look_now([RemoteCopy])
    assert RemoteCopy.objects.get().state == "taking"
    reka.switch(on=False)
    go_on()
    order.refresh_from_db()
    assert (order.state, RemoteCopy.objects.get().state) == ("failed", "failed")

    reka.switch(on=True)
    assert order.retry()
    go_on()

    order.refresh_from_db()
    assert order.state == "running"
    assert there() == (1, 1, 1)


def test_an_upload_that_cannot_begin_is_tried_for_long(sandbox, order):
    tasks.speak_now()
    RemoteCopy.objects.update(attempts=4, next_action_at=timezone.now())
    sandbox.close()
    tasks.look_now([RemoteCopy])

    copy = RemoteCopy.objects.get()
    assert (copy.state, copy.error) == ("waiting", "The server can't be reached.")
    assert copy.next_action_at > timezone.now() + timedelta(minutes=6)

"""Recordings brought to a provider's own store: once, seen on the way, stopped when unwanted."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from clipboard.clips import deposit, tasks, watched
from clipboard.clips.models import Job, RemoteCopy
from clipboard.providers.registry import PROVIDERS
from tests import factories
from tests.clips.at_sandbox import account_at, due, fault, go_on, words
from tests.clips.ordering import HTMX, given, post

pytestmark = pytest.mark.django_db

UPLOAD, LIST = "POST /videos/upload", "POST /videos/get"


@pytest.fixture
def account(sandbox, team):
    return account_at(sandbox, team)


@pytest.fixture
def source(team, sample):
    name = factories.make_file("sources/talk.mp4", sample.read_bytes())
    return factories.make_source(team=team, title="Team talk", file=name, sha256="a" * 64)


@pytest.fixture
def order(account, source):
    return make_order(account, source)


def make_order(account, source, **fields):
    return factories.make_remote_job(
        account=account,
        source=source,
        state=Job.State.QUEUED,
        remote_id="",
        sent_at=None,
        options={"prompt": "the sea"},
        **fields,
    )


@pytest.fixture
def there(sandbox):
    """What lies in the store, and what was charged for bringing it there."""

    def look():
        world = sandbox.world("reka", "reka-0123456789")
        billed = [row["what"] for row in sandbox.memory.ledger()]
        return len(world.all("video")), billed.count("upload"), billed.count("clips")

    return look


def test_a_recording_is_uploaded_and_feeds_its_job(order, source, there):
    go_on()

    order.refresh_from_db()
    copy = RemoteCopy.objects.get()
    assert (order.state, order.copy, order.stage) == ("running", copy, "")
    assert (copy.state, copy.progress, copy.source) == ("ready", 1, source)
    assert copy.name == f"team-talk-{'a' * 20}.mp4"
    assert there() == (1, 1, 1)
    assert words(order) == [
        "The recording is uploaded to Reka first.",
        f"The recording lies at Reka as {copy.remote_id}.",
        "Sent to Reka.",
        f"Reka took it as {order.remote_id}.",
    ]


def test_its_clips_come_of_the_upload(order, clock):
    go_on()
    clock.skip(10)
    go_on()
    order.refresh_from_db()
    assert (order.state, order.clips.count()) == ("succeeded", 3)


def test_a_second_job_and_a_second_recording_of_the_same_need_no_upload(account, source, there):
    make_order(account, source)
    go_on()
    make_order(account, source)
    go_on()
    source.delete()
    again = factories.make_source(team=account.team, file=source.file.name, sha256="a" * 64)
    make_order(account, again)
    go_on()

    assert there() == (1, 1, 3)
    assert RemoteCopy.objects.get().source == again


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


def test_a_worker_that_died_while_sending_leaves_nothing_twice(order, account, there):
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


class Killed(BaseException):
    """As by kill -9: nobody catches it, nothing more is written."""


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


def test_cancelling_stops_the_upload(order, there, monkeypatch):
    seen = []

    def cancelled_meanwhile(copy, lease, fraction):
        if seen and not order.cancel():
            seen.append("stopped")
        seen.append(fraction)
        watch(copy, lease, fraction)

    watch = deposit.watch
    monkeypatch.setattr(deposit, "watch", cancelled_meanwhile)
    monkeypatch.setattr(watched, "TICK_SECONDS", 0)
    tasks.speak_now()
    tasks.look_now([RemoteCopy])

    order.refresh_from_db()
    copy = RemoteCopy.objects.get()
    assert order.state == "cancelled"
    assert (copy.state, copy.next_action_at, copy.lease_owner) == ("waiting", None, "")
    assert there() == (0, 0, 0)
    assert seen[-1] < 1

    order.refresh_from_db()
    order.retry()
    monkeypatch.undo()
    go_on()
    assert there() == (1, 1, 1)


def test_it_tells_how_far_the_upload_is(editor_client, order):
    tasks.speak_now()
    copy = RemoteCopy.objects.get()
    copy.tell("Uploading to Reka", progress=0.404)

    page = editor_client.get(reverse("job_list")).content.decode()

    assert "Uploading to Reka" in page
    assert "40%" in page
    assert 'value="0.404"' in page


@pytest.mark.parametrize(
    ("does", "trouble"), [({"status": 401}, True), ({"status": 400, "body": {}}, False)]
)
def test_an_upload_that_is_refused_ends_the_job_in_words(sandbox, account, order, does, trouble):
    fault(sandbox, does, matches=UPLOAD)
    go_on()
    order.refresh_from_db()
    account.refresh_from_db()
    assert order.state == "failed"
    assert order.error
    assert bool(account.trouble) is trouble


def test_a_full_limit_is_waited_for(sandbox, account, order):
    fault(sandbox, {"status": 429, "headers": {"retry-after": "77"}}, matches=UPLOAD)
    tasks.speak_now()
    tasks.look_now([RemoteCopy])
    copy = RemoteCopy.objects.get()
    assert copy.state == "waiting"
    assert copy.next_action_at > timezone.now() + timedelta(seconds=60)
    order.refresh_from_db()
    assert (order.state, order.stage) == ("queued", "To be uploaded to Reka")
    assert "slow down" in order.error, "the page says what it waits for"


def test_no_more_are_on_their_way_than_the_provider_takes(account, order, there):
    for number in range(PROVIDERS["reka"].library.uploads_at_once):
        RemoteCopy.objects.create(
            account=account,
            sha256=str(number),
            name=str(number),
            state="sending",
            lease_owner="there:1",
            lease_until=timezone.now() + timedelta(minutes=1),
        )
    tasks.speak_now()
    tasks.look_now([RemoteCopy])
    assert there() == (0, 0, 0)
    assert order.copy is None
    assert RemoteCopy.objects.get(sha256="a" * 64).next_action_at > timezone.now()


def test_what_was_cleared_away_there_is_uploaded_again(sandbox, account, source, order, there):
    go_on()
    world = sandbox.world("reka", "reka-0123456789")
    world.drop("video", RemoteCopy.objects.get().remote_id)
    second = make_order(account, source)

    go_on()
    go_on()

    second.refresh_from_db()
    assert second.state == "running"
    assert there() == (1, 2, 2)


def test_an_address_is_rather_given_than_a_file_unless_the_file_is_wanted(
    account, source, settings, there
):
    settings.PUBLIC_BASE_URL = "https://clips.example.org"
    make_order(account, source)
    go_on()
    assert there() == (0, 0, 1)
    make_order(account, source, wants_upload=True)
    go_on()
    assert there() == (1, 1, 2)


# --- The form -------------------------------------------------------------------------------------


def test_the_form_says_that_the_file_itself_goes_there(editor_client, account, source):
    source.size = 84_000_000
    source.save()
    page = post(editor_client, "order_form", source, given(account, options={}), **HTMX)
    text = page.content.decode()
    assert "The file of this recording itself (84 MB) is uploaded to Reka" in text
    assert "PUBLIC_BASE_URL" not in text
    assert "How Reka gets the recording" not in text, "there is nothing to choose"

    RemoteCopy.objects.create(account=account, sha256="a" * 64, name="x", state="ready")
    page = post(editor_client, "order_form", source, given(account, options={}), **HTMX)
    assert "This recording lies at Reka already" in page.content.decode()


def test_a_person_chooses_between_a_link_and_the_file(editor_client, account, source, settings):
    settings.PUBLIC_BASE_URL = "https://clips.example.org"
    data = given(account, options={})
    page = post(editor_client, "order_form", source, data, **HTMX).content.decode()
    assert "How Reka gets the recording" in page
    assert "a link to this recording that ends after" in page

    data[f"way-{account.pk}"] = "upload"
    page = post(editor_client, "order_form", source, data, **HTMX).content.decode()
    assert "itself is uploaded to Reka" in page or "is uploaded to Reka and stays" in page
    post(editor_client, "order_create", source, data)

    assert Job.objects.get().wants_upload

"""A provider's own store on a page: what lies there, groups, and what is brought and deleted."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clipboard.clips import shelf, tasks
from clipboard.clips.models import Account, RemoteCopy
from tests import factories
from tests.clips.at_sandbox import REKA_KEY, due, fault, in_store
from tests.clips.ordering import HTMX

pytestmark = pytest.mark.django_db
LINK = "https://me.example/talks/The%20sea.mp4"


@pytest.fixture
def look(owner_client, reka):
    """look(group="") → the fragment."""

    def get(**query):
        path = reverse("library_detail", args=[reka.pk])
        response = owner_client.get(path, query, headers=HTMX)
        assert response.status_code == 200
        return response.text

    return get


@pytest.fixture
def world(sandbox):
    return sandbox.world("reka", REKA_KEY)


def ids(world, kind="video"):
    return [row["id"] for row in world.all(kind)]


def work():
    for _ in range(3):
        due(RemoteCopy)
        while tasks.look_now([RemoteCopy]):
            pass
        tasks.speak_now()


def test_the_page_comes_before_the_provider_answers(owner_client, reka, sandbox):
    accounts = owner_client.get(reverse("account_list")).text
    path = reverse("library_detail", args=[reka.pk])
    assert path in accounts
    sandbox.close()

    text = owner_client.get(path).text

    assert "Asking Reka what it holds" in text
    assert f'hx-get="{path}"' in text
    assert "Reka does not say what it holds" in owner_client.get(path, {"asked": 1}).text


def test_an_empty_store_says_what_to_do(look):
    assert "Nothing at Reka yet" in look()


def test_a_link_is_added_seen_and_deleted(act, look, world, clock):
    told = act("library_add", url=LINK, index="on")
    assert "Reka fetches “The sea.mp4” now" in told
    assert "Being taken in" in told
    clock.skip(4)
    assert "Being indexed" in look()
    clock.skip(4)
    there = look()
    assert "Indexed" in there
    assert "320 × 180" in there

    asked = act("library_delete", video=ids(world))
    assert "Delete this video at Reka?" in asked
    assert "<li>The sea.mp4</li>" in asked
    assert len(ids(world)) == 1
    told = act("library_delete", video=ids(world), sure="1")
    assert "1 video deleted at Reka." in told
    assert ids(world) == []


@pytest.mark.parametrize("url", ["", "no link", "ftp://me.example/a.mp4"])
def test_what_is_no_link_is_said_beside_it(act, world, url):
    assert "library-url-error" in act("library_add", 422, url=url)
    assert ids(world) == []


def test_what_failed_there_says_so(act, look, clock):
    act("library_add", url="https://me.example/missing.mp4")
    clock.skip(3)

    assert "Failed" in look()


def test_groups_are_made_filled_renamed_and_deleted(act, look, world):
    act("library_add", url=LINK, title="One")
    assert "The group “Talks” is there." in act("group_create", name="Talks")
    (group,) = ids(world, "group")
    (one,) = ids(world)

    told = act("library_move", video=one, to=group, **{f"name-{group}": "Talks"})
    assert "1 video moved to “Talks”." in told
    act("library_add", url=LINK, title="Two", group=group)
    act("library_add", url=LINK, title="Three")
    in_group = look(group=group)
    assert ("One" in in_group, "Two" in in_group, "Three" in in_group) == (True, True, False)
    assert "Three" in look(group="-")
    assert "in Talks" in look()

    told = act("group_rename", group=group, was="Talks", name="Speeches")
    assert "The group “Talks” is called “Speeches” now." in told
    told = act("library_move", video=one, to="", group=group)
    assert "1 video moved out of their groups." in told
    told = act("group_delete", group=group, was="Speeches")
    assert "The group “Speeches” is deleted; what lay in it stays." in told
    assert (ids(world, "group"), len(ids(world))) == ([], 3)
    assert 'id="library-tab-all"' in told


def test_a_group_needs_a_name(act, world):
    act("group_create", name="Talks")
    (group,) = ids(world, "group")

    assert "Give the group a name." in act("group_create", 422, name=" ")
    assert "Give the group a name." in act("group_rename", 422, group=group, was="Talks", name="")
    assert world.get("group", group)["name"] == "Talks"


def test_something_must_be_ticked(act):
    for name in ("library_move", "library_delete"):
        assert "Tick the videos that you mean first." in act(name, 422)


def test_a_recording_is_sent_once_without_any_job(act, look, source, sandbox, reka):
    assert "Team talk" in look()
    told = act("library_send", source=source.pk)
    assert "“Team talk” is uploaded to Reka in the background." in told
    assert "waits for its turn" in told
    act("library_send", source=source.pk)
    work()

    copy = RemoteCopy.objects.get()
    assert (copy.state, copy.wanted_at, in_store(sandbox)) == ("ready", None, (1, 1, 0))
    there = look()
    assert "our recording" in there
    assert "Every recording that is ready is there already" in there
    assert "lies there already" in act("library_send", source=source.pk)
    act("library_delete", video=copy.remote_id, sure="1")
    copy.refresh_from_db()
    assert (copy.state, copy.remote_id) == ("waiting", "")
    act("library_send", source=source.pk)
    work()
    assert in_store(sandbox) == (1, 2, 0)


def test_what_was_deleted_there_by_others_is_sent_again(act, source, sandbox, world):
    act("library_send", source=source.pk)
    work()
    world.drop("video", ids(world)[0])

    assert "is uploaded to Reka" in act("library_send", source=source.pk)
    work()

    assert in_store(sandbox) == (1, 2, 0)


def test_sending_is_stopped(act, source, sandbox):
    act("library_send", source=source.pk)
    copy = RemoteCopy.objects.get()

    assert "it is not sent." in act("library_stop", copy=copy.pk)
    work()

    assert in_store(sandbox) == (0, 0, 0)
    assert RemoteCopy.objects.get().next_action_at is None


def test_what_did_not_get_there_says_why_and_is_tried_again(
    act, owner_client, source, sandbox, reka
):
    for _ in range(3):
        fault(sandbox, {"status": 400}, matches="POST /videos/upload", times=1)
    act("library_send", source=source.pk)
    work()
    coming = owner_client.get(reverse("library_coming", args=[reka.pk])).text
    assert "“Team talk” did not get there." in coming
    assert "Try again" in coming
    copy = RemoteCopy.objects.get()
    assert (copy.state, copy.wanted_at) == ("failed", None)

    act("library_stop", copy=copy.pk)

    coming = owner_client.get(reverse("library_coming", args=[reka.pk])).text
    assert "All uploads have ended" in coming


@pytest.mark.parametrize(
    ("does", "words"),
    [
        ({"status": 500}, "The service has a fault."),
        ({"hang_up": "before"}, "didn&#39;t answer"),
        ({"status": 429, "headers": {"retry-after": "90"}}, "Try again in 1 minute."),
        ({"status": 401}, "refused"),
        ({"raw": "<h1>"}, "Reka does not say what it holds"),
    ],
)
def test_it_says_why_nothing_can_be_seen(look, sandbox, does, words):
    fault(sandbox, does, matches="POST /videos/get")

    told = look()

    assert "Reka does not say what it holds" in told
    assert words in told
    assert "Look again" in told


def test_nobody_waits_long_for_a_service_that_dawdles(look, sandbox, monkeypatch):
    monkeypatch.setattr(shelf, "PATIENCE", 0.2)
    fault(sandbox, {"hold": "before"}, matches="POST /videos/get")

    told = look()

    # Where processors are slow, as much has passed before it is even reached.
    assert "didn&#39;t answer in time" in told or "can&#39;t be reached" in told


def test_the_words_of_recordings_stay_where_they_are(look, source, team):
    factories.make_source(team=team, file=factories.make_file("sources/other.mp4"))
    with CaptureQueriesContext(connection) as asked:
        assert "Interview" in look()
    assert not [one for one in asked.captured_queries if '_source"."transcript"' in one["sql"]]


def test_a_key_that_is_refused_is_trouble_for_the_account(look, sandbox, reka):
    fault(sandbox, {"status": 401}, matches="POST /videos/get")
    look()
    asked = len(sandbox.memory.ledger())

    assert Account.objects.get().trouble
    assert "Reka does not say what it holds" in look()
    assert len(sandbox.memory.ledger()) == asked


def test_what_is_still_listed_after_deleting_is_told_of(act, world, sandbox, look):
    act("library_add", url=LINK)
    fault(sandbox, {"status": 200, "body": '{"status": "success"}'}, matches="DELETE /videos")

    told = act("library_delete", video=ids(world), sure="1")

    assert "Reka took the request, but still lists The sea.mp4." in told


def test_few_wait_at_a_time(look, monkeypatch):
    for _ in range(shelf.AT_ONCE):
        assert shelf.places.acquire(blocking=False)
    try:
        assert "Too many people look into stores" in look()
    finally:
        shelf.places.release(shelf.AT_ONCE)
    assert "Nothing at Reka yet" in look()


def test_it_works_without_javascript(owner_client, reka, world):
    add = reverse("library_add", args=[reka.pk])
    answer = owner_client.post(add, {"url": LINK}, follow=True)
    assert "Reka fetches “The sea.mp4” now" in answer.text
    assert "<html" in answer.text

    answer = owner_client.post(add, {"url": ""})
    assert (answer.status_code, "<html" in answer.text) == (422, True)
    asked = owner_client.post(reverse("library_delete", args=[reka.pk]), {"video": ids(world)}).text
    assert "Delete this video at Reka?" in asked
    assert len(ids(world)) == 1


def test_only_services_that_keep_recordings_have_one(owner_client, team, reka):
    other = factories.make_account(team=team)

    assert owner_client.get(reverse("library_detail", args=[other.pk])).status_code == 404
    assert reverse("library_detail", args=[other.pk]) not in owner_client.get("/providers/").text


def test_other_teams_recordings_are_not_sent(act, sandbox):
    theirs = factories.make_source(team=factories.make_team(), file=factories.make_file())

    assert "Tick a recording to send." in act("library_send", 422, source=theirs.pk)
    assert not RemoteCopy.objects.exists()

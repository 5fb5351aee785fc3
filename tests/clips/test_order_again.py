"""An order that is to be sent once more with other choices: the form as it was sent."""

from __future__ import annotations

import pytest
from django.urls import reverse

from clipboard.clips.models import Job
from tests import factories
from tests.clips import ordering
from tests.clips.ordering import CINEMATIC, given, post

pytestmark = pytest.mark.django_db
OPTIONS = CINEMATIC | {"brollKeys": ["shared/sea.mp4", "shared/sand.mp4"]}
WHY = "ReelBot refused it: no such footage."


@pytest.fixture
def source(team):
    return ordering.make_source(team)


@pytest.fixture
def account(team):
    return factories.make_account(team=team)


@pytest.fixture
def job(account, source):
    return factories.make_remote_job(
        account=account, source=source, state="failed", options=OPTIONS, error=WHY
    )


def address(job):
    return f"{reverse('order_create', args=[job.source_id])}?from={job.pk}"


def form(client, job):
    response = client.get(address(job))
    assert response.status_code == 200
    return response.content.decode()


def offers(client, job):
    return [
        address(job) in client.get(reverse(name, args=about)).content.decode()
        for name, about in (("job_list", []), ("job_detail", [job.pk]))
    ]


def test_a_refused_order_is_changed_and_ordered_again(editor_client, account, source, job):
    assert offers(editor_client, job) == [True, True]

    page = form(editor_client, job)
    assert WHY in page
    assert f'value="{account.pk}" checked' in page
    assert '<option value="cinematic" selected>' in page
    assert "shared/sea.mp4\nshared/sand.mp4</textarea>" in page
    assert "This is needed." not in page
    post(editor_client, "order_create", source, given(account))

    new = Job.objects.latest("pk")
    job.refresh_from_db()
    assert new.options == CINEMATIC | {"brollKeys": ["shared/sea.mp4"]}
    assert (job.options, job.state) == (OPTIONS, "failed")


def test_what_is_wrong_in_it_is_said_as_ever(editor_client, account, source, job):
    wrong = given(account, options=CINEMATIC | {"topic": ""})

    response = post(editor_client, "order_create", source, wrong)

    assert response.status_code == 422
    assert "This is needed." in response.content.decode()
    assert Job.objects.get() == job


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        ("failed", [True, True]),
        ("cancelled", [True, True]),
        ("succeeded", [False, True]),
        ("running", [False, False]),
        ("outcome_unknown", [False, False]),
    ],
)
def test_it_is_offered_once_nothing_can_come_of_the_first(editor_client, job, state, offered):
    Job.objects.update(state=state)

    assert offers(editor_client, job) == offered


def test_another_account_of_that_provider_takes_the_place_of_one_that_is_gone(
    editor_client, team, account, job
):
    account.remove()
    assert "No account at ReelBot can be asked now." in form(editor_client, job)
    second = factories.make_account(team=team, name="Second")

    page = form(editor_client, job)

    assert f'value="{second.pk}" checked' in page
    assert '<option value="cinematic" selected>' in page


def test_a_version_of_a_clip_is_changed_with_its_clip(editor_client, team, source):
    sync = factories.make_account(team=team, provider="sync")
    clip = factories.make_clip(
        team=team, job=factories.make_job(team=team, source=source), file=factories.make_file()
    )
    chosen = {"model": "sync-3", "sound": "text", "text.voiceId": "v", "text.script": "Hello"}
    job = factories.make_remote_job(
        account=sync, source=source, clip=clip, state="failed", options=chosen
    )

    page = form(editor_client, job)
    assert f'name="clip" value="{clip.pk}"' in page
    assert "Hello</textarea>" in page
    clip.delete()

    assert offers(editor_client, job) == [False, False]


def test_the_way_by_which_it_went_is_kept(editor_client, team, settings):
    settings.PUBLIC_BASE_URL = "https://clips.example.org"
    source = ordering.make_source(team)
    reka = factories.make_account(team=team, provider="reka")
    job = factories.make_remote_job(account=reka, source=source, state="failed", wants_upload=True)

    assert '<option value="upload" selected>' in form(editor_client, job)


def test_the_form_is_a_page_of_its_own_too(editor_client, source, account):
    page = editor_client.get(reverse("order_create", args=[source.pk])).content.decode()

    assert "<html" in page
    assert "ReelBot: Main" in page


def test_only_a_job_on_that_recording_is_found(editor_client, team, source, job):
    theirs = factories.make_remote_job(account=factories.make_account(team=factories.make_team()))
    other = factories.make_remote_job(account=job.account, remote_id="x")

    for one in (theirs, other):
        path = f"{reverse('order_create', args=[source.pk])}?from={one.pk}"
        assert editor_client.get(path).status_code == 404
    assert editor_client.get(f"{address(job)}x").status_code == 404

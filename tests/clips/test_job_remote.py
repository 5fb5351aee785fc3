"""Jobs at providers on their pages: what happened, what a person can tell, ask and retry."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clipboard.clips.models import Delivery, Job, note
from clipboard.review.models import Favourite
from tests import factories

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def account(team):
    return factories.make_account(team=team)


@pytest.fixture
def lost(account):
    """Nobody knows whether it was taken, and only a person can find out."""
    return factories.make_remote_job(
        account=account,
        state=Job.State.OUTCOME_UNKNOWN,
        remote_id="",
        next_action_at=None,
        error="No answer came to the order.",
    )


def listed(client):
    return client.get(reverse("job_list")).content.decode()


def act(client, name, job, **data):
    return client.post(reverse(name, args=[job.pk]), data, headers=HTMX)


@pytest.mark.parametrize("state", Job.State.values)
def test_every_state_can_be_shown(editor_client, account, state):
    job = factories.make_remote_job(account=account, state=state, stage="rendering", error="Hm.")

    assert f'id="job-{job.pk}"' in listed(editor_client)
    for page in (
        reverse("job_detail", args=[job.pk]),
        reverse("source_detail", args=[job.source_id]),
    ):
        job.source.file = factories.make_file("sources/a.mp4")
        job.source.save()
        assert editor_client.get(page).status_code == 200


def test_it_says_whom_was_asked_for_what(editor_client, account):
    options = {"videoType": "cinematic", "topic": "sea", "tone": "calm", "voiceId": "joanna"}
    factories.make_remote_job(account=account, options=options)

    page = listed(editor_client)

    assert "ReelBot: Main" in page
    assert "Kind: Cinematic; Topic: sea; Tone: calm and 1 more" in page


def test_a_version_leads_to_its_clip(editor_client, team):
    clip = factories.make_clip(team=team)
    account = factories.make_account(team=team, provider="sync")
    factories.make_remote_job(account=account, source=clip.source, clip=clip)

    page = listed(editor_client)

    assert f'another version of <a href="{reverse("clip_detail", args=[clip.pk])}"' in page


def test_a_lost_order_shows_what_happened_and_two_answers(editor_client, lost):
    page = listed(editor_client)

    assert "No answer came to the order." in page
    assert "Nothing is sent again until it is known" in page
    assert "It was taken; its ID there is" in page
    assert "It was not taken: send it again" in page


def test_a_person_tells_its_number(editor_client, editor, lost):
    page = act(editor_client, "job_outcome", lost, remote_id=" abc123 ").content.decode()

    lost.refresh_from_db()
    assert (lost.state, lost.remote_id) == ("running", "abc123")
    assert lost.deadline_at > timezone.now()
    event = lost.events.get()
    assert (event.words, event.by) == ("It was taken by ReelBot as abc123.", editor)
    assert "ReelBot works on it" in page


def test_a_person_tells_that_it_was_not_taken(editor_client, lost):
    act(editor_client, "job_outcome", lost, not_taken="1")

    lost.refresh_from_db()
    assert (lost.state, lost.remote_id, lost.sent_at) == ("queued", "", None)
    assert lost.next_action_at <= timezone.now()


@pytest.mark.parametrize("given", [{}, {"remote_id": " "}, {"remote_id": "x" * 300}])
def test_nothing_is_sent_again_for_an_empty_answer(editor_client, lost, given):
    response = act(editor_client, "job_outcome", lost, **given)

    lost.refresh_from_db()
    assert response.status_code == 422
    assert "Copy its number from ReelBot first." in response["HX-Trigger"]
    assert (lost.state, lost.next_action_at) == ("outcome_unknown", None)


def test_a_number_that_another_job_has_is_not_taken_for_this_ones(editor_client, account, lost):
    factories.make_remote_job(account=account, remote_id="abc123")

    answer = act(editor_client, "job_outcome", lost, remote_id="abc123")

    lost.refresh_from_db()
    assert (answer.status_code, lost.state, lost.remote_id) == (422, "outcome_unknown", "")
    assert "number of another job" in answer["HX-Trigger"]


def test_an_account_that_is_off_says_why_nothing_moves(editor_client, editor, account):
    factories.make_remote_job(account=account)
    account.switch(on=False)
    page = listed(editor_client)
    assert "is switched off: nothing is sent or asked with it" in page
    assert "Ask an owner or admin" in page
    assert "Look again" not in page

    editor.memberships.update(role="owner")
    assert "Switch it on" in listed(editor_client)


def test_what_is_known_stays_known(editor_client, lost):
    act(editor_client, "job_outcome", lost, remote_id="abc123")
    act(editor_client, "job_outcome", lost, not_taken="1")

    lost.refresh_from_db()
    assert (lost.state, lost.remote_id) == ("running", "abc123")
    assert lost.events.count() == 1


def test_while_it_is_looked_up_nobody_is_asked(editor_client, lost):
    Job.objects.update(next_action_at=timezone.now() + timedelta(seconds=10))

    page = listed(editor_client)

    assert "It is looked up at ReelBot by itself" in page
    assert "send it again" not in page.partition("job__outcome")[2].partition("</article>")[0]
    assert "every 2s" in page


def test_it_is_asked_now(editor_client, account):
    later = timezone.now() + timedelta(minutes=5)
    job = factories.make_remote_job(account=account, next_action_at=later)
    assert "Look again" in listed(editor_client)

    act(editor_client, "job_poll", job)

    job.refresh_from_db()
    assert job.next_action_at <= timezone.now()


def test_it_says_what_it_cost_and_what_a_kept_clip_cost(editor_client, editor, account):
    cost = {"amount": 12, "unit": "credits", "is_estimate": True}
    job = factories.make_remote_job(account=account, state=Job.State.SUCCEEDED, cost=cost)
    clips = [factories.make_clip(team=account.team, job=job) for _ in range(4)]
    assert "<span>cost about 12 credits</span>" in listed(editor_client)

    for clip in clips[:3]:
        Favourite.objects.put(user=editor, clip_id=clip.pk, on=True)

    assert "about 12 credits, 4 credits a kept clip" in listed(editor_client)


def test_an_account_in_trouble_leads_to_its_page(editor_client, editor, account):
    account.report_trouble("Refused.")
    factories.make_remote_job(account=account)
    assert "Ask an owner or admin" in listed(editor_client)

    editor.memberships.update(role="owner")

    assert f"{reverse('account_list')}#account-{account.pk}" in listed(editor_client)


def test_a_jobs_page_tells_all_that_happened(editor_client, editor, account):
    job = factories.make_remote_job(account=account, options={"topic": "sea"})
    note(job, "sent", "Sent to ReelBot.")
    note(job, "ended", "Cancelled.", by=editor)

    page = editor_client.get(reverse("job_detail", args=[job.pk])).content.decode()

    assert page.index("Cancelled.") < page.index("Sent to ReelBot.")
    assert "editor@example.org" in page
    assert "abc123" in page
    assert "<dt>Topic</dt><dd>sea</dd>" in page


def test_who_manages_sees_what_the_provider_sent_redacted(editor_client, editor, account):
    job = factories.make_remote_job(account=account)
    body = b'{"id": "abc123", "url": "https://cdn.example/v.mp4?signature=canary"}'
    Delivery.objects.create(
        account=account, digest="1" * 64, body=body, verdict="authentic", remote_id="abc123"
    )
    address = reverse("job_detail", args=[job.pk])
    assert "cdn.example" not in editor_client.get(address).content.decode()

    editor.memberships.update(role="admin")

    page = editor_client.get(address).content.decode()
    assert "https://cdn.example/v.mp4?…" in page
    assert "signed by it" in page
    assert "canary" not in page


def test_cancelling_says_that_the_provider_may_go_on(editor_client, account):
    job = factories.make_remote_job(account=account)

    answer = act(editor_client, "job_cancel", job)

    assert "ReelBot may go on with it, but is asked no more." in answer["HX-Trigger"]
    assert job.events.get().words == "Cancelled."


def test_it_works_without_javascript(editor_client, lost):
    response = editor_client.post(reverse("job_outcome", args=[lost.pk]), {}, follow=True)

    assert "Copy its number from ReelBot first." in response.content.decode()

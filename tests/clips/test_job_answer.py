"""What a provider answered, word for word but for secrets, for those who look after the account."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from clipboard.clips import tasks
from clipboard.clips.models import Job, JobEvent
from clipboard.lib.redact import MOST_SHOWN, redact_answer
from tests import factories

pytestmark = pytest.mark.django_db
GENERATE = "POST /api/v1/video/generate"
STATUS = "GET /api/v1/video/status/abc123"
FILE = "GET /api/v1/video/download/abc123"
KEY = "rb_live_canary-0123456789"


@pytest.fixture
def job(team, service):
    account = factories.make_account(team=team, base_url=service.url, key=KEY)
    return factories.make_remote_job(
        account=account,
        state=Job.State.QUEUED,
        remote_id="",
        sent_at=None,
        options={"videoType": "cinematic", "topic": "sea", "brollKeys": ["shared/sea.mp4"]},
    )


def ask_again():
    Job.objects.update(next_action_at=timezone.now())
    tasks.speak_now()


def answers(job):
    """What is kept, oldest first."""
    return list(job.events.exclude(answer="").order_by("pk").values_list("answer", flat=True))


@pytest.fixture
def told(service, job):
    """Taken, asked after three times, done."""
    service.says(GENERATE, (200, {"projectId": "abc123", "status": "queued", "trace": "t-1"}))
    service.says(
        STATUS,
        (200, {"status": "processing", "message": "Rendering", "trace": "t-2"}),
        (200, {"status": "processing", "message": "Rendering", "trace": "t-3"}),
        (200, {"status": "completed", "outputKey": "x.mp4", "trace": "t-4"}),
    )
    url = "https://cdn.example/v.mp4?X-Amz-Signature=abcdef"
    service.says(FILE, (200, {"downloadUrl": url}))
    tasks.speak_now()
    ask_again()
    ask_again()
    return job


def test_the_answer_to_the_order_and_the_last_one_are_kept(told, job):
    assert [json.loads(one)["trace"] for one in answers(job)] == ["t-1", "t-2"]

    ask_again()

    assert ["t-1" in answers(job)[0], "t-4" in answers(job)[1]] == [True, True]
    assert len(answers(job)) == 2


def test_only_who_manages_the_team_sees_it(told, job, editor, client):
    address = reverse("job_detail", args=[job.pk])
    factories.sign_in(client, editor)
    assert "t-2" not in client.get(address).content.decode()

    editor.memberships.update(role="admin")

    page = client.get(address).content.decode()
    assert page.count("What it answered") == 2
    assert "&#34;trace&#34;: &#34;t-2&#34;" in page


def test_staff_see_it_in_the_admin_site(told, job, admin_client):
    event = job.events.exclude(answer="").last()

    page = admin_client.get(reverse("admin:clips_jobevent_change", args=[event.pk]))

    assert "t-2" in page.content.decode()


def test_an_error_is_kept_once_for_as_long_as_it_stays_the_same(told, job, service):
    said = {"message": f"You sent X-API-Key: {KEY}", "password": "hunter2", "trace": "t-5"}
    service.says(STATUS, (500, said))

    ask_again()
    ask_again()

    troubles = list(job.events.filter(kind=JobEvent.Kind.TROUBLE))
    assert len(troubles) == 1
    assert "t-5" in troubles[0].answer
    for secret in (KEY, "hunter2"):
        assert secret not in troubles[0].answer


@pytest.mark.parametrize("answer", [(200, b"<html>Sorry</html>"), (400, {"code": "X", "t": 1})])
def test_what_came_of_an_order_that_failed_is_kept(job, service, answer):
    service.says(GENERATE, answer)

    tasks.speak_now()

    assert len(answers(job)) == 1
    assert "Sorry" in answers(job)[0] or '"t": 1' in answers(job)[0]


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ({"headers": {"Authorization": "Bearer abc12345"}}, "abc12345"),
        ({"said": "Authorization: Bearer abc12345"}, "abc12345"),
        ({"url": "https://cdn.example/a.mp4?token=abc12345&x=1"}, "abc12345"),
        ({"url": "https:\\/\\/cdn.example\\/a.mp4?x=abc12345"}, "abc12345"),
        ({"webhookUrl": "https://us.example/webhooks/7:abc12345-_x/"}, "abc12345"),
        ({"webhook_secret": "abc12345"}, "abc12345"),
        ({"Authorization": ["Basic abc12345"]}, "abc12345"),
        ({"said": "authorization: Basic abc12345"}, "abc12345"),
        ({"said": "VIZARDAI_API_KEY: abc12345"}, "abc12345"),
        ({"said": "postgres://me:abc12345@db.example/clips"}, "abc12345"),
        ({"deep": [[{"accessToken": "abc12345"}]]}, "abc12345"),
        ({"url": "https://me:abc12345@cdn.example/"}, "abc12345"),
    ],
)
def test_secrets_are_taken_out(said, secret):
    for given in (said, json.dumps(said), json.dumps(said).encode(), json.dumps(said) + "…cut"):
        assert secret not in redact_answer(given)


def test_what_a_secret_is_made_of_is_taken_out_too():
    said = {"credentials": {"user": "me", "value": "abc12345"}, "tokens": [["abc12345"]]}
    assert "abc12345" not in redact_answer(said)


def test_it_is_bounded_whatever_comes():
    deep, wide = "end", ["x" * 2000] * 5000
    for _ in range(500):
        deep = [deep]
    for said in (
        deep,
        wide,
        {"a": wide},
        b"\xff\x00" * 100_000,
        "[" * 100_000,
        {"\ud800": "\ud800"},
    ):
        shown = redact_answer(said)
        assert len(shown) <= MOST_SHOWN + 2
        assert "\0" not in shown
        shown.encode()

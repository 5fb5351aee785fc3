"""No key ever comes out again."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.urls import reverse

from clipboard.clips import tasks
from clipboard.clips.models import Account, Job
from tests import factories

pytestmark = pytest.mark.django_db
CANARY = "rb_live_canary-0123456789"
STATUS = "GET /api/v1/video/status/connection-test"


def test_the_key_is_nowhere(service, owner_client, owner, team, caplog):
    """A service that repeats what it was sent, in every way it can, tells nobody our key."""
    echo = {"code": "X", "message": f"{CANARY} is wrong", "error": CANARY, "status": CANARY}
    service.says(STATUS, (400, echo), (401, echo))
    service.says("POST /api/v1/video/generate", (500, echo))
    service.says("GET /api/v1/video/status/abc123", (200, echo))
    given = {"name": "Main", "key": CANARY, "base_url": service.url}
    owner_client.post(f"{reverse('account_create')}?provider=reelbot", given)
    account = Account.objects.get()
    factories.make_remote_job(account=account, state=Job.State.QUEUED, remote_id="", sent_at=None)
    factories.make_remote_job(account=account)
    for _ in range(2):
        owner_client.post(reverse("account_check", args=[account.pk]))
    Account.objects.update(trouble="")
    tasks.speak_now()
    owner.is_staff = owner.is_superuser = True
    owner.save()

    assert [call[2].get("x-api-key") for call in service.asked].count(CANARY) == 4
    assert CANARY not in everything_stored()
    assert CANARY not in caplog.text
    assert CANARY not in f"{account.connection()!r} {vars(account)}"
    for page in pages_about(account):
        text = owner_client.get(page, follow=True).content.decode()
        assert CANARY not in text, page
        assert account.sealed_key not in text, page


def everything_stored():
    models = apps.get_models(include_auto_created=True)
    return str([list(model._base_manager.values()) for model in models])


def pages_about(account):
    yield from (reverse(name) for name in ("account_list", "account_create", "job_list"))
    yield reverse("account_edit", args=[account.pk])
    yield reverse("account_delete", args=[account.pk])
    for model in ("account", "job", "jobevent"):
        yield reverse(f"admin:clips_{model}_changelist")
    yield reverse("admin:clips_account_change", args=[account.pk])
    for pk in account.jobs.values_list("pk", flat=True):
        yield reverse("admin:clips_job_change", args=[pk])
        yield reverse("job_detail", args=[pk])

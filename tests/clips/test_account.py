"""A team's accounts at providers: who may, what is shown, and that no key ever comes out again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clipboard.clips.forms import AccountForm
from clipboard.clips.models import Account, Errand, Job, Spent, ask_for
from tests import factories

pytestmark = pytest.mark.django_db
CANARY = "rb_live_canary-0123456789"
STATUS = "GET /api/v1/video/status/connection-test"


def in_trouble(team, why, **fields):
    account = factories.make_account(team=team, **fields)
    account.report_trouble(why)
    return account


def add(client, *, provider="reelbot", **given):
    given = {"name": "Main", "key": CANARY} | given
    return client.post(f"{reverse('account_create')}?provider={provider}", given)


def edit(client, account, **given):
    return client.post(reverse("account_edit", args=[account.pk]), {"name": account.name} | given)


def listed(client):
    return client.get(reverse("account_list")).content.decode()


def test_it_adds_an_account_and_shows_its_last_four(owner_client, team):
    assert add(owner_client).url == reverse("account_list")

    account = Account.objects.get()
    assert (account.team, account.provider, account.key_tail) == (team, "reelbot", "6789")
    page = listed(owner_client)
    assert "ReelBot: Main" in page
    assert "…6789" in page
    assert "Not tested yet" in page


def test_it_keeps_several_at_one_provider(owner_client):
    add(owner_client)
    page = owner_client.get(f"{reverse('account_create')}?provider=reelbot").content.decode()
    assert 'value="Account 2"' in page

    assert add(owner_client, name="Main").status_code == 422
    assert add(owner_client, name="Second").status_code == 302
    assert Account.objects.count() == 2


def test_it_offers_every_provider_there_is(owner_client):
    page = owner_client.get(reverse("account_create")).content.decode()

    for title in ("Reka", "ReelBot", "ScaleReach", "sync.so", "Vizard"):
        assert f"<b>{title}</b>" in page
    assert owner_client.get(f"{reverse('account_create')}?provider=nobody").status_code == 404


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": ""}, "Give it a name."),
        ({"key": ""}, "Paste the key that the provider gave you."),
        ({"key": "two words"}, "a space or another odd character"),
        ({"key": "schlüssel"}, "a space or another odd character"),
        ({"key": "a\x00b"}, "Null characters are not allowed."),
        ({"key": "ok"}, "A key has 8 letters at least"),
        ({"key": "k" * 501}, "at most 500 characters"),
        ({"base_url": "ftp://example.org"}, "Write an address"),
        ({"base_url": "https://me:pw@example.org"}, "Write an address"),
        ({"base_url": "https://example.org/?a=1"}, "Leave out what stands behind"),
        ({"base_url": "nonsense"}, "Write an address"),
        ({"base_url": "http://api.example.org"}, "begins with https://"),
        ({"base_url": "http://api.example.org:99999"}, "Write an address"),
    ],
)
def test_bad_input_gets_a_sentence_and_no_key_back(owner_client, given, sentence):
    response = add(owner_client, **given)

    assert response.status_code == 422
    page = response.content.decode()
    assert sentence in page
    assert CANARY not in page
    assert not Account.objects.exists()


def test_a_key_stays_where_none_is_given(owner_client, team):
    account = in_trouble(team, "Refused.")
    sealed = account.sealed_key

    edit(owner_client, account, name="Other", key="")

    account.refresh_from_db()
    assert (account.name, account.sealed_key, account.trouble) == ("Other", sealed, "Refused.")


def test_what_workers_find_out_meanwhile_stays(team):
    account = factories.make_account(team=team)
    form = AccountForm({"name": "Other"}, account=Account.objects.get())
    assert form.is_valid()
    account.report_trouble("Refused.")
    account.pause(seconds=60)

    assert form.save()

    account.refresh_from_db()
    assert (account.name, account.trouble) == ("Other", "Refused.")
    assert account.paused_until


def test_another_key_ends_the_trouble(owner_client, team):
    account = in_trouble(team, "Refused.")

    edit(owner_client, account, key="rb_live_another-9876543210")

    account.refresh_from_db()
    assert (account.key_tail, account.trouble) == ("3210", "")


def test_no_key_can_be_sent_to_another_address(owner_client, team):
    """Whoever may change the address may still not read the key."""
    account = factories.make_account(team=team)

    response = edit(owner_client, account, base_url="https://elsewhere.example")
    assert response.status_code == 422
    assert "Enter the key again" in response.content.decode()
    assert Account.objects.get().base_url == ""

    edit(owner_client, account, base_url="https://elsewhere.example", key="rb_live_new-0123456789")
    assert Account.objects.get().base_url == "https://elsewhere.example"


def test_a_webhook_secret_is_kept_where_there_are_webhooks(owner_client):
    add(owner_client, provider="sync", webhook_secret="whsec_canary_0123")

    account = Account.objects.get()
    assert account.webhook_secret() == "whsec_canary_0123"
    page = owner_client.get(reverse("account_edit", args=[account.pk])).content.decode()
    assert "One is kept" in page
    assert "whsec_canary" not in page


@pytest.mark.parametrize(
    ("answer", "passed", "sentence", "state"),
    [
        ((404, {"code": "NOT_FOUND"}), True, "The key is accepted.", "Works"),
        ((404, b"<h1>"), False, "check the account's address", "Does not work"),
        ((401, {"code": "UNAUTHORIZED"}), False, "Check the key", "Does not work"),
        ((500, b"<h1>"), False, "The service has a fault", "Does not work"),
    ],
)
def test_a_test_says_what_was_found(service, owner_client, team, answer, passed, sentence, state):
    account = factories.make_account(team=team, base_url=service.url)
    service.says(STATUS, answer)

    owner_client.post(reverse("account_check", args=[account.pk]))

    account.refresh_from_db()
    assert account.check_passed is passed
    assert sentence in account.check_result
    assert account.checked_at
    page = listed(owner_client)
    assert state in page
    assert "Tested just now" in page


def test_a_test_that_succeeds_ends_the_trouble(service, owner_client, team):
    account = in_trouble(team, "Refused.", base_url=service.url)
    service.says(STATUS, (404, {"code": "NOT_FOUND"}))

    answer = owner_client.post(
        reverse("account_check", args=[account.pk]), headers={"HX-Request": "true"}
    ).content.decode()

    assert f'id="account-{account.pk}"' in answer
    assert "Works" in answer
    assert Account.objects.get().trouble == ""


@pytest.mark.parametrize("state", ["running", "outcome_unknown"])
def test_what_runs_goes_on_at_once_when_the_trouble_is_over(service, owner_client, team, state):
    account = in_trouble(team, "Refused.", base_url=service.url)
    later = timezone.now() + timedelta(minutes=5)
    job = factories.make_remote_job(account=account, state=state, next_action_at=later)
    service.says(STATUS, (404, {"code": "NOT_FOUND"}))

    owner_client.post(reverse("account_check", args=[account.pk]))

    job.refresh_from_db()
    assert job.next_action_at <= timezone.now()


def test_an_account_of_a_provider_that_is_no_more_hurts_no_page(owner_client, owner, team):
    account = factories.make_account(team=team, name="Old")
    factories.make_remote_job(account=account)
    Job.objects.update(provider="gone")
    Account.objects.update(provider="gone")
    owner.is_staff = owner.is_superuser = True
    owner.save()

    assert "gone: Old" not in listed(owner_client)
    for page in (reverse("job_list"), reverse("admin:clips_account_changelist")):
        assert "gone: Old" in owner_client.get(page).content.decode()


def test_an_address_of_our_own_network_is_not_asked(owner_client, team, settings):
    settings.OUTBOUND_ALLOW_HOSTS = []
    account = factories.make_account(team=team, base_url="http://169.254.169.254")

    owner_client.post(reverse("account_check", args=[account.pk]))

    assert Account.objects.get().check_passed is False


@pytest.mark.usefixtures("half_past_twelve")
def test_it_says_what_is_used(owner_client, team):
    account = factories.make_account(team=team)
    hour = int(timezone.now().timestamp()) // 3600
    Spent.objects.create(account=account, budget="generate", window=hour, used=10)
    cost = {"amount": 2.5, "unit": "credits"}
    factories.make_remote_job(account=account, cost=cost)
    factories.make_remote_job(account=account, cost=cost)

    page = listed(owner_client)

    assert "10 of 10 an hour" in page
    assert "0 of 60 a minute" in page
    assert "2 jobs sent today, 5 credits" in page
    assert "meter--bad" in page


def test_it_says_what_to_do_about_trouble(owner_client, team):
    in_trouble(team, "The service refused access.")

    page = listed(owner_client)

    assert "Needs attention" in page
    assert "The service refused access." in page
    assert "then test the connection" in page


def test_it_is_switched_off_and_on(owner_client, team):
    account = factories.make_account(team=team)
    address = reverse("account_disable", args=[account.pk])

    owner_client.post(address)
    assert Account.objects.get().is_disabled
    assert "Switched off" in listed(owner_client)

    owner_client.post(address, {"on": "1"})
    assert not Account.objects.get().is_disabled


def test_jobs_stay_when_their_account_is_removed(owner_client, team):
    account = factories.make_account(team=team)
    running = factories.make_remote_job(account=account)
    done = factories.make_remote_job(account=account, state=Job.State.SUCCEEDED)
    address = reverse("account_delete", args=[account.pk])
    ask_for(account, Errand.Kind.DELETE_JOB, "old")
    page = owner_client.get(address).content.decode()
    assert "1 job still runs" in page
    assert "1 deletion at ReelBot is still to be done" in page

    owner_client.post(address)

    for job in (running, done):
        job.refresh_from_db()
        assert job.account is None
    assert (running.state, done.state) == ("failed", "succeeded")
    assert "account was removed" in running.error


@pytest.mark.parametrize("role", ["editor", "viewer"])
def test_others_learn_whom_to_ask(client, team, role):
    factories.make_member(team=team, email="boss@example.org", role="owner")
    factories.make_account(team=team, name="Secret plan")
    person = factories.make_member(team=team, role=role)
    factories.sign_in(client, person)

    page = listed(client)

    assert "Ask boss@example.org." in page
    assert "Secret plan" not in page
    assert "6789" not in page

"""Ordering from providers: whom, what is sent to whom, and nothing twice unasked."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from clipboard.clips.forms import Sheet
from clipboard.clips.models import Job
from tests import factories
from tests.clips import ordering
from tests.clips.ordering import CINEMATIC, HTMX, given, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(team):
    return ordering.make_source(team)


@pytest.fixture
def account(team):
    return factories.make_account(team=team)


def test_the_recordings_page_offers_accounts(editor_client, account, source):
    page = editor_client.get(reverse("source_detail", args=[source.pk])).content.decode()

    assert "Ask other services" in page
    assert "ReelBot: Main" in page
    assert "Make clips" in page, "our own form stays"


def test_it_says_where_to_get_an_account(editor_client, source):
    page = editor_client.get(reverse("source_detail", args=[source.pk])).content.decode()

    assert "Who to ask for an account" in page


def test_an_account_that_is_off_is_not_offered(editor_client, account, source, team):
    account.switch(on=False)
    troubled = factories.make_account(team=team, name="Second")
    troubled.report_trouble("Refused.")

    page = editor_client.get(reverse("source_detail", args=[source.pk])).content.decode()
    assert "ReelBot: Main" not in page
    assert "Second (needs attention)" in page
    assert post(editor_client, "order_create", source, given(troubled)).status_code == 422
    assert not Job.objects.exists()


def test_it_keeps_what_was_typed_while_another_account_is_chosen(
    editor_client, team, source, account
):
    second = factories.make_account(team=team, provider="reka", name="Second")
    data = given(account) | {"account": [account.pk, second.pk]}

    page = post(editor_client, "order_form", source, data, **HTMX).content.decode()

    assert 'value="sea"' in page
    assert f'name="account-{second.pk}-prompt"' in page
    assert "This is needed." not in page, "nothing is judged before it is sent"


def test_it_orders_from_several_at_once(editor_client, editor, team, source, account):
    second = factories.make_account(team=team, name="Second")

    response = post(editor_client, "order_create", source, given(account, second))

    assert response.url == reverse("job_list")
    jobs = Job.objects.order_by("pk")
    assert [job.account for job in jobs] == [account, second]
    for job in jobs:
        assert (job.provider, job.state, job.created_by) == ("reelbot", "queued", editor)
        assert job.options == CINEMATIC | {"brollKeys": ["shared/sea.mp4"]}
        assert job.next_action_at
        assert job.events.get().words == f"Ordered from {job.account}."


def test_nothing_is_ordered_where_one_of_several_is_wrong(editor_client, team, source, account):
    second = factories.make_account(team=team, name="Second")
    data = given(account, second) | {f"account-{second.pk}-topic": ""}

    response = post(editor_client, "order_create", source, data, **HTMX)

    assert response.status_code == 422
    assert "This is needed." in response.content.decode()
    assert not Job.objects.exists()


def test_of_two_who_send_the_same_at_once_one_is_asked_about_it(editor, account, source):
    sheets = [Sheet(source, data=query(given(account)), is_checked=True) for _ in range(2)]

    assert [len(sheet.place(user=editor)) for sheet in sheets] == [1, 0]
    assert sheets[1].repeats


def query(data):
    return QueryDict(urlencode(data, doseq=True))


@pytest.mark.parametrize("state", ["failed", "duplicate"])
def test_nothing_is_ordered_of_a_recording_that_is_no_use(editor_client, team, account, state):
    source = factories.make_source(team=team, state=state)

    assert post(editor_client, "order_create", source, given(account)).status_code == 422
    assert not Job.objects.exists()


def test_an_order_waits_for_its_recording(editor_client, team, account):
    source = factories.make_source(team=team, state="preparing")

    post(editor_client, "order_create", source, given(account))

    assert Job.objects.get().next_action_at is None


def test_someone_must_be_asked(editor_client, account, source):
    response = post(editor_client, "order_create", source, {})

    assert response.status_code == 422
    assert "Choose whom to ask." in response.content.decode()


def test_other_teams_accounts_cannot_be_used(editor_client, source):
    theirs = factories.make_account(team=factories.make_team(name="South"))

    assert post(editor_client, "order_create", source, given(theirs)).status_code == 422
    assert not Job.objects.exists()


def test_the_same_again_is_asked_about_first(editor_client, editor, source, account):
    post(editor_client, "order_create", source, given(account))

    response = post(editor_client, "order_create", source, given(account), **HTMX)
    page = response.content.decode()
    job = Job.objects.get()
    assert response.status_code == 422
    assert f"{editor} ran this with the same choices today" in page
    assert reverse("job_detail", args=[job.pk]) in page
    assert "Run again" in page

    mark = page.partition(f'name="again-{account.pk}" value="')[2].partition('"')[0]
    again = {f"again-{account.pk}": mark}
    post(editor_client, "order_create", source, given(account, **again))
    assert Job.objects.count() == 2

    same_click = post(editor_client, "order_create", source, given(account, **again))
    assert same_click.status_code == 422
    assert Job.objects.count() == 2, "sent twice by a browser, it is ordered once"


def test_a_yes_to_other_choices_counts_for_nothing(editor_client, source, account):
    post(editor_client, "order_create", source, given(account))
    again = {f"again-{account.pk}": "0" * 16}

    assert post(editor_client, "order_create", source, given(account, **again)).status_code == 422
    assert Job.objects.count() == 1


def test_what_failed_is_not_asked_about(editor_client, source, account):
    post(editor_client, "order_create", source, given(account))
    Job.objects.update(state="failed")

    assert post(editor_client, "order_create", source, given(account)).status_code == 302


def told(client, source, account, **about):
    data = {"account": account.pk, **about}
    return post(client, "order_form", source, data, **HTMX).content.decode()


def test_it_says_what_is_sent_to_whom(editor_client, team, account, settings):
    settings.PUBLIC_BASE_URL = "https://clips.example.org"
    source = factories.make_source(team=team, file=factories.make_file("sources/a.mp4"))
    reka = factories.make_account(team=team, provider="reka")

    assert "nothing of this recording is sent" in told(editor_client, source, account)
    page = told(editor_client, source, reka)
    assert "Reka gets these choices and a link to this recording that ends after 1 hour." in page
    assert "/media/" not in page


def test_it_says_before_sending_that_a_public_address_is_needed(editor_client, team, source):
    vizard = factories.make_account(team=team, provider="vizard")

    page = told(editor_client, source, vizard)

    assert "set PUBLIC_BASE_URL" in page
    assert "disabled" in page.partition('id="order-send"')[2].partition(">")[0]
    response = post(editor_client, "order_create", source, {"account": vizard.pk})
    assert response.status_code == 422
    assert not Job.objects.exists()


def test_a_recording_from_a_link_is_passed_on_as_that_link(editor_client, team):
    url = "https://www.youtube.com/watch?v=jNQXAC9IVRw&secret=1"
    source = factories.make_source(team=team, origin="url", origin_url=url)
    scalereach = factories.make_account(team=team, provider="scalereach")

    page = told(editor_client, source, scalereach)

    assert "the link at www.youtube.com that this recording came from" in page
    assert "secret=1" not in page.partition("order__line")[2]

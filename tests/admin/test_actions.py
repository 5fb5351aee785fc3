from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clipboard.clips.models import Job
from clipboard.teams.models import LoginLink, Team, User
from tests import factories
from tests.admin.conftest import signed_in, staff_who_may

pytestmark = pytest.mark.django_db


def act(client, address, action, *rows):
    pks = [row.pk for row in rows]
    return client.post(reverse(address), {"action": action, "_selected_action": pks}, follow=True)


def test_it_cancels_jobs(owner_client, owner, team):
    runs = factories.make_job(team=team, state=Job.State.RUNNING)
    ended = factories.make_job(team=team, state=Job.State.SUCCEEDED)

    said = act(owner_client, "admin:clips_job_changelist", "cancel", runs, ended).content.decode()

    assert "Cancelled: 1 job." in said
    assert "1 job had ended already." in said
    assert Job.objects.get(pk=runs.pk).state == Job.State.CANCELLED
    assert Job.objects.get(pk=ended.pk).state == Job.State.SUCCEEDED
    assert LogEntry.objects.get().object_id == str(runs.pk)
    assert (runs.events.get().words, runs.events.get().by) == ("Cancelled.", owner)


def test_it_retries_jobs(owner_client, team):
    failed = factories.make_job(team=team, state=Job.State.FAILED)

    act(owner_client, "admin:clips_job_changelist", "retry", failed)

    job = Job.objects.get(pk=failed.pk)
    assert job.state == Job.State.QUEUED
    assert job.next_action_at
    assert job.events.get().words == "Queued again."


def test_it_looks_again_at_jobs_that_were_given_up(owner_client, team):
    """Their providers may have made them meanwhile, and would be paid twice."""
    late = timezone.now() - timedelta(hours=1)
    account = factories.make_account(team=team)
    job = factories.make_remote_job(account=account, state=Job.State.FAILED, deadline_at=late)

    act(owner_client, "admin:clips_job_changelist", "retry", job)

    job.refresh_from_db()
    assert (job.state, job.remote_id) == ("running", "abc123")


def test_it_revokes_share_links(owner_client, owner, team):
    link = factories.make_share_link(clip=factories.make_clip(team=team))

    act(owner_client, "admin:sharing_sharelink_changelist", "revoke", link)

    link.refresh_from_db()
    assert link.revoked_by == owner
    assert owner_client.get(reverse("share_page", args=[link.token])).status_code == 404


def test_share_tokens_are_neither_shown_nor_guessed_at(owner_client, team):
    link = factories.make_share_link(clip=factories.make_clip(team=team))
    pages = reverse("admin:sharing_sharelink_changelist")
    page = reverse("admin:sharing_sharelink_change", args=[link.pk])

    assert link.token not in owner_client.get(pages).content.decode()
    assert link.token not in owner_client.get(page).content.decode()
    assert owner_client.get(pages, {"token__startswith": link.token[0]}).status_code == 400


def test_it_makes_a_sign_in_link_that_is_shown_once(owner_client, editor):
    page = act(owner_client, "admin:teams_user_changelist", "make_login_link", editor)
    address = re.search(r"/sign-in/[\w-]{20,}/", page.content.decode())[0]

    assert address not in str(page.client.cookies) + str(page.headers)
    assert "no-store" in page.headers["Cache-Control"]
    assert Client().post(address).url == reverse("source_list")
    assert address not in str(LogEntry.objects.values_list("change_message", "object_repr"))


def test_only_those_with_every_right_make_sign_in_links(team, editor):
    clerk = staff_who_may("change_user", team=team)

    act(signed_in(clerk), "admin:teams_user_changelist", "make_login_link", editor)

    assert not LoginLink.objects.exists()


def test_staff_give_themselves_no_rights(team, editor, owner):
    clerk = staff_who_may("change_user", team=team)
    own = reverse("admin:teams_user_change", args=[clerk.pk])
    form = {"email": clerk.email, "name": "Clerk", "is_active": "on", "is_superuser": "on"}
    inline = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}

    signed_in(clerk).post(own, form | inline)

    assert User.objects.get(pk=clerk.pk).name == "Clerk"
    assert not User.objects.get(pk=clerk.pk).is_superuser
    above = reverse("admin:teams_user_change", args=[owner.pk])
    assert signed_in(clerk).post(above, form | inline).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[owner.pk])
    assert signed_in(clerk).get(password).status_code == 403


def test_no_page_shows_a_password_hash(owner_client, editor):
    editor.set_password("a password to look for")
    editor.save()

    page = owner_client.get(reverse("admin:teams_user_change", args=[editor.pk])).content.decode()

    algorithm, _, rest = editor.password.partition("$")
    assert algorithm + "$" not in page
    assert all(piece not in page for piece in rest.split("$"))
    assert "a password, or one-time links" in page


def test_people_are_added_with_their_teams(owner_client, team):
    form = {
        "email": "new@example.org",
        "name": "New",
        "usable_password": "false",
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-team": team.pk,
        "memberships-0-role": "viewer",
    }

    owner_client.post(reverse("admin:teams_user_add"), form)

    assert User.objects.get(email="new@example.org").teams.get() == team


def test_a_team_is_made_with_its_members(owner_client, editor):
    form = {
        "name": "West",
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-user": editor.pk,
        "memberships-0-role": "owner",
    }

    owner_client.post(reverse("admin:teams_team_add"), form)

    assert Team.objects.get(name="West").members.get() == editor

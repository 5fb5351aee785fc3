from __future__ import annotations

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from clipboard.teams.models import LoginLink

pytestmark = pytest.mark.django_db


def test_it_signs_in_once(client, editor):
    address = reverse("login_link", args=[LoginLink.issue(editor)])

    assert b"works once" in client.get(address).content
    assert client.post(address).url == reverse("source_list")
    assert client.get(reverse("source_list")).status_code == 200
    assert client.post(address).status_code == 404


def test_it_is_not_spent_by_a_link_preview(client, editor):
    address = reverse("login_link", args=[LoginLink.issue(editor)])

    client.get(address)
    client.head(address)

    assert client.post(address).status_code == 302


def test_it_runs_out(client, editor, settings):
    with time_machine.travel("2026-01-01T12:00Z", tick=False) as clock:
        address = reverse("login_link", args=[LoginLink.issue(editor)])
        clock.shift(settings.LOGIN_LINK_MINUTES * 60)

        assert client.get(address).status_code == 404


def test_it_keeps_only_a_hash(editor):
    token = LoginLink.issue(editor)

    assert token not in str(LoginLink.objects.values_list())


def test_it_is_printed_for_the_owner(capsys, editor):
    call_command("login_link", "EDITOR@example.org")

    assert "/sign-in/" in capsys.readouterr().out


def test_pages_need_a_login(client):
    assert client.get(reverse("source_list")).url.startswith(reverse("login"))


def test_a_fragment_reloads_the_page_instead_of_showing_the_form(client):
    response = client.get(reverse("source_list"), headers={"HX-Request": "true"})

    assert response.status_code == 401
    assert response["HX-Refresh"] == "true"


def test_it_tells_that_what_was_sent_signed_out_is_not_done(client):
    sent_from = {"HX-Request": "true", "HX-Current-URL": "http://testserver/clips/?q=sea"}
    response = client.post(reverse("favourite", args=[1]), headers=sent_from)
    page = client.get(response["HX-Redirect"]).text

    assert response.status_code == 401
    assert "was not saved" in page
    assert 'value="/clips/?q=sea"' in page

"""Who asks, behind a proxy too: wrong passwords lock out those who sent them and nobody else."""

from __future__ import annotations

import pytest
from django.conf import settings as django_settings
from django.urls import reverse

from clipboard.lib import env
from tests import factories

RIGHT = "correct horse battery"


@pytest.fixture
def attempt(client):
    factories.make_user(email="someone@example.org", password=RIGHT)

    def send(password, forwarded, *, proxy="10.0.0.1"):
        given = {"username": "someone@example.org", "password": password}
        headers = {"x-forwarded-for": forwarded}
        answer = client.post(reverse("login"), given, headers=headers, REMOTE_ADDR=proxy)
        client.logout()
        return answer.status_code

    return send


@pytest.mark.django_db
def test_others_behind_the_same_proxy_still_sign_in(attempt, settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/24"]
    for number in range(django_settings.AXES_FAILURE_LIMIT):
        said = attempt("wrong", f"198.51.100.{number}, 203.0.113.7")

    assert said == 429, "what stands before the last address was written by who knows whom"
    assert attempt(RIGHT, "203.0.113.7") == 429
    assert attempt(RIGHT, "203.0.113.8") == 302


@pytest.mark.django_db
def test_nobody_else_is_believed_to_be_a_proxy(attempt, settings):
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    for number in range(django_settings.AXES_FAILURE_LIMIT):
        said = attempt("wrong", f"198.51.100.{number}", proxy="203.0.113.7")

    assert said == 429
    assert attempt(RIGHT, "", proxy="203.0.113.7") == 429
    assert attempt(RIGHT, "198.51.100.1") == 302


def test_a_proxy_that_is_no_address_is_refused_by_name(monkeypatch):
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.1, proxy.example.org")
    with pytest.raises(env.BadSetting, match=r"TRUSTED_PROXIES holds 'proxy.example.org'"):
        env.networks("TRUSTED_PROXIES")

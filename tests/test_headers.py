"""What every answer carries, pages and errors alike, and what hostile requests get."""

from __future__ import annotations

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.routes import ROUTES, address
from tests.standing import editor, rows, standing, team

__all__ = ["editor", "rows", "standing", "team"]
pytestmark = pytest.mark.django_db
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "media-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
}
POLICY_OF_FILES = {"sandbox", "default-src 'none'", "frame-ancestors 'none'"}
ERRORS = {
    "/nothing-here/": 404,
    "/clips/999999/": 404,
    "/theme/": 405,
    "/media/no-such-file?e=9999999999&k=0": 403,
    "/sign-in/used-up/": 404,
    "/s/no-such-token/": 404,
}


def assert_safe(response):
    headers = response.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert headers["Cache-Control"].startswith(("private", "no-store", "max-age=0"))
    policy = headers["Content-Security-Policy"]
    assert {rule.strip() for rule in policy.split(";")} in (POLICY, POLICY_OF_FILES)
    assert "unsafe" not in policy
    if headers.get("Content-Type", "").startswith("text/html"):
        assert "no-store" in headers["Cache-Control"]
        assert "HX-Request" in headers["Vary"]


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_every_route_is_safe(name, editor_client, rows):
    method = "GET" if "GET" in ROUTES[name].takes else ROUTES[name].takes[0]

    for client in (editor_client, Client()):
        assert_safe(client.generic(method, address(name, rows)))


@pytest.mark.parametrize(("path", "status"), ERRORS.items())
def test_every_error_page_is_safe(path, status, editor_client):
    response = editor_client.get(path)

    assert response.status_code == status
    assert_safe(response)


def test_a_crash_is_a_page_too(editor_client, monkeypatch, settings, caplog):
    monkeypatch.setattr("clipboard.clips.views.rail.render", lambda *args: 1 / 0)
    editor_client.raise_request_exception = False

    response = editor_client.get(reverse("job_count"))

    assert response.status_code == 500
    assert "Something went wrong on our side" in response.content.decode()
    assert_safe(response)


def test_a_database_that_is_busy_is_worth_another_try(editor_client, caplog):
    def busy(*_):
        raise OperationalError("database is locked")

    editor_client.raise_request_exception = False
    with connection.execute_wrapper(busy):
        response = editor_client.get(reverse("source_list"))

    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "try again in a few seconds" in response.content.decode()
    assert_safe(response)


def test_a_stale_form_says_what_to_do(editor):
    client = Client(enforce_csrf_checks=True)
    factories.sign_in(client, editor)

    page = client.post(reverse("theme_choose"), {"theme": "dark"})
    fragment = client.post(
        reverse("theme_choose"), {"theme": "dark"}, headers={"HX-Request": "true"}
    )

    assert "reload the page and do it again" in page.content.decode()
    assert "clipboard:toast" in fragment.headers["HX-Trigger"]
    assert_safe(page)


def test_cookies_are_for_this_site_and_no_script(client, editor):
    editor.set_password("correct horse battery")
    editor.save()

    client.get(reverse("login"))
    client.post(reverse("login"), {"username": editor.email, "password": "correct horse battery"})
    client.post(reverse("theme_choose"), {"theme": "dark"})

    assert set(client.cookies) == {"sessionid", "csrftoken", "theme"}
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


def test_signing_out_clears_what_the_browser_kept(editor_client):
    response = editor_client.post(reverse("logout"))

    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert editor_client.get(reverse("source_list")).status_code == 302


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "a b", "localhost:x"])
def test_it_answers_to_its_own_names_only(host, client):
    assert client.get(reverse("login"), headers={"Host": host}).status_code == 400


def test_forwarded_headers_change_nothing(client, editor):
    spoofed = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}

    response = client.get(reverse("source_list"), headers=spoofed)

    assert "evil.example" not in str(response.headers) + response.content.decode()
    assert not response.wsgi_request.is_secure()


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        " https://evil.example",
        "https://testserver@evil.example/",
        "https://testserver.evil.example",
        "\thttps://evil.example",
    ],
)
def test_signing_in_leads_nowhere_else(target, client, editor):
    editor.set_password("correct horse battery")
    editor.save()
    form = {"username": editor.email, "password": "correct horse battery", "next": target}

    assert client.post(reverse("login"), form).url == reverse("source_list")


def test_choosing_a_look_leads_back_to_our_own_pages_only(editor_client):
    def choose(referer):
        return editor_client.post(
            reverse("theme_choose"), {"theme": "dark"}, headers={"Referer": referer}
        )

    assert choose("http://testserver/clips/").url == "http://testserver/clips/"
    assert choose("https://evil.example/").url == reverse("home")
    assert choose("javascript:alert(1)").url == reverse("home")


def test_an_unknown_look_is_refused(editor_client):
    assert editor_client.post(reverse("theme_choose"), {"theme": "<b>"}).status_code == 400


def test_the_chosen_look_is_in_the_first_byte(editor_client):
    editor_client.post(reverse("theme_choose"), {"theme": "light"})

    assert '<html lang="en" data-theme="light">' in editor_client.get("/shared/").content.decode()
    assert 'data-theme="light"' in editor_client.get("/nothing-here/").content.decode()


def test_too_many_wrong_passwords_pause_that_address_alone(client):
    person = factories.make_user(email="someone@example.org", password="correct horse battery")

    other = factories.make_user(email="other@example.org", password="correct horse battery")

    def attempt(password, address=person.email):
        return client.post(reverse("login"), {"username": address, "password": password})

    for number in range(django_settings.AXES_FAILURE_LIMIT):
        answer = attempt("wrong", person.email.upper() if number % 2 else person.email)

    assert answer.status_code == 429
    assert "Too many tries" in answer.content.decode()
    assert attempt("correct horse battery").status_code == 429
    assert attempt("correct horse battery", other.email).status_code == 302
    client.logout()
    assert client.get(reverse("login")).status_code == 200


def test_unknown_people_and_wrong_passwords_look_the_same(client, editor):
    known = client.post(reverse("login"), {"username": editor.email, "password": "wrong"})
    unknown = client.post(reverse("login"), {"username": "no@example.org", "password": "wrong"})

    said = [page.content.decode().split('role="alert">')[1][:120] for page in (known, unknown)]
    assert said[0] == said[1]


def test_signing_in_changes_the_session(client, editor):
    client.get(reverse("login"))
    client.session["x"] = 1
    before = client.session.session_key
    editor.set_password("correct horse battery")
    editor.save()

    client.post(reverse("login"), {"username": editor.email, "password": "correct horse battery"})

    assert client.session.session_key != before

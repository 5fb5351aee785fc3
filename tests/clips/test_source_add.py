from __future__ import annotations

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from clipboard.clips.models import Job, Source
from clipboard.media.models import Upload
from tests import factories

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def add(client, headers=None, **data):
    return client.post(reverse("source_add"), {"captions": "on"} | data, headers=headers)


def video(name="Talk.mp4", content=b"bytes"):
    return SimpleUploadedFile(name, content, "video/mp4")


def parts():
    return list((settings.MEDIA_ROOT / "uploads").glob("*"))


# --- Files without JavaScript ---------------------------------------------------------------------


def test_it_takes_files_from_a_plain_form(editor_client, editor, team):
    response = add(editor_client, file=[video("One.mp4", b"first"), video("Two.mp4", b"second")])

    assert response.url == reverse("source_list")
    assert set(Source.objects.values_list("title", "origin", "team", "added_by")) == {
        ("One", "upload", team.pk, editor.pk),
        ("Two", "upload", team.pk, editor.pk),
    }
    assert {upload.path.read_bytes() for upload in Upload.objects.all()} == {b"first", b"second"}


def test_it_refuses_an_empty_file_in_words(editor_client):
    response = add(editor_client, file=video(content=b""))

    assert response.status_code == 422
    assert "empty" in response.content.decode()
    assert parts() == []


@pytest.mark.parametrize(
    "more", [{"count": "many"}, {"file": [video("a.mp4"), video("b.mp4", b"")]}]
)
def test_it_keeps_nothing_of_a_form_that_is_refused(editor_client, more):
    """Up to the limit of an upload would lie there for days otherwise."""
    assert add(editor_client, **{"file": video(), **more}).status_code == 422
    assert len(parts()) == Upload.objects.count()


def test_it_keeps_nothing_that_no_form_was_read_with(editor):
    strict = Client(enforce_csrf_checks=True)
    factories.sign_in(strict, editor)
    strict.cookies["csrftoken"] = "a" * 32  # the form's own is looked for behind the file
    assert add(strict, file=video()).status_code == 403
    assert parts() == []


def test_it_refuses_too_large_a_file_before_it_has_come(editor_client, settings):
    settings.UPLOAD_MAX_GB = 0
    response = add(editor_client, file=video())

    assert response.status_code == 422
    assert "larger than" in response.content.decode()
    assert not Source.objects.exists()


def test_it_keeps_csrf_protection_though_it_reads_the_file_first(editor):
    strict = Client(enforce_csrf_checks=True)
    factories.sign_in(strict, editor)

    assert add(strict, file=video()).status_code == 403
    assert not Source.objects.exists()


def test_options_come_along(editor_client):
    add(editor_client, file=video(), count="5", length="short", aspect="1:1", start="0:30")

    assert Job.objects.get().options == {
        "min_duration": 10,
        "max_duration": 20,
        "count": 5,
        "start": 30.0,
        "aspect": "1:1",
    }


# --- Links ----------------------------------------------------------------------------------------


def test_it_takes_a_link(editor_client, team):
    response = add(editor_client, url="https://example.org/talks/Monday%20talk.mp4?key=secret")

    source = Source.objects.get()
    assert response.status_code == 302
    assert (source.title, source.state, source.team) == ("Monday talk", "fetching", team)
    assert source.next_action_at is not None
    assert Job.objects.get().next_action_at is None


def test_a_link_without_its_scheme_is_read_as_https(editor_client):
    add(editor_client, url="example.org/talk.mp4")

    assert Source.objects.get().origin_url == "https://example.org/talk.mp4"


def test_a_link_with_a_password_is_refused(editor_client):
    response = add(editor_client, HTMX, url="https://me:canary@example.org/talk.mp4")
    assert response.status_code == 422
    assert "Leave out what stands before “@”" in response.content.decode()
    assert not Source.objects.exists()


@pytest.mark.parametrize(
    "url", ["", "no link", "ftp://example.org/a.mp4", "file:///etc/passwd", "javascript:alert(1)"]
)
def test_it_refuses_what_is_no_link(editor_client, url):
    response = add(editor_client, HTMX, url=url)

    assert response.status_code == 422
    assert 'class="field__error"' in response.content.decode()
    assert not Source.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("count", "0"),
        ("count", "999"),
        ("count", "many"),
        ("length", "endless"),
        ("aspect", "3:1"),
        ("start", "soon"),
        ("end", "-1"),
    ],
)
def test_it_says_which_option_is_wrong(editor_client, field, value):
    response = add(editor_client, HTMX, url="https://example.org/a.mp4", **{field: value})

    assert response.status_code == 422
    assert f'id="{field}-error"' in response.content.decode()
    assert not Source.objects.exists()


def test_a_range_must_end_after_it_begins(editor_client):
    response = add(editor_client, HTMX, url="https://e.org/a.mp4", start="2:00", end="1:00")

    assert "behind the beginning" in response.content.decode()


def test_htmx_gets_a_fresh_form_and_the_cards_are_told(editor_client):
    response = add(editor_client, HTMX, url="https://example.org/a.mp4")

    assert response.status_code == 200
    assert response["HX-Trigger"] == "clipboard:sources"
    assert "example.org" not in response.content.decode()


# --- The sample -----------------------------------------------------------------------------------


def test_the_sample_comes_once_however_often_one_clicks(editor_client, tmp_path, monkeypatch):
    sample = tmp_path / "sample.mp4"
    sample.write_bytes(b"sample")
    monkeypatch.setattr("clipboard.clips.ingest.SAMPLE", sample)
    for _ in range(3):
        assert editor_client.post(reverse("sample_add")).url == reverse("source_list")

    assert Source.objects.get().origin == "sample"
    assert Job.objects.count() == 1

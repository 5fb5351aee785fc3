"""What resumable uploads refuse, whose they are, and what is swept away."""

from __future__ import annotations

import fcntl
import shutil
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from clipboard.media.models import Upload
from clipboard.media.uploads import sweep_uploads
from clipboard.teams.models import Membership
from tests import factories
from tests.media.tus import Tus

pytestmark = pytest.mark.django_db


def test_it_refuses_a_byte_more_than_announced(tus):
    address = tus.create(4)["Location"]

    assert tus.patch(address, 0, b"01234").status_code == 413
    assert Upload.objects.get().offset == 0


def test_it_takes_nothing_more_when_complete(tus):
    address = tus.create(4)["Location"]
    tus.patch(address, 0, b"0123")

    assert tus.patch(address, 4, b"").status_code == 204
    assert tus.patch(address, 0, b"0123").status_code == 409
    assert tus.delete(address).status_code == 410


@pytest.mark.parametrize("size", ["0", "-1", "", "many", "9" * 30, "²"])
def test_it_refuses_an_absurd_size(tus, size):
    assert tus.create(size).status_code == 400
    assert not Upload.objects.exists()


def test_it_refuses_more_than_the_limit(tus, settings):
    settings.UPLOAD_MAX_GB = 1
    response = tus.create(10**9 + 1)

    assert response.status_code == 413
    assert b"1 GB" in response.content


def test_it_refuses_what_does_not_fit_on_the_disk(tus):
    free = shutil.disk_usage("/").free
    response = tus.create(min(free, 19 * 10**9))
    if free < 19 * 10**9:
        assert response.status_code == 507
    else:
        # Not alone, but together with what is already announced.
        sizes = [tus.create(19 * 10**9).status_code for _ in range(free // (19 * 10**9) + 1)]
        assert sizes[-1] == 507


def test_it_lets_one_writer_in_at_a_time(tus):
    address = tus.create(10)["Location"]
    with Upload.objects.get().path.open("r+b") as part:
        fcntl.flock(part, fcntl.LOCK_EX)

        assert tus.patch(address, 0, b"0123").status_code == 423
        assert tus.head(address)["Upload-Offset"] == "0"
    assert tus.patch(address, 0, b"0123").status_code == 204


def test_it_wants_the_protocols_version(editor_client, tus):
    address = tus.create(10)["Location"]
    response = editor_client.head(address)

    assert (response.status_code, response["Tus-Version"]) == (412, "1.0.0")
    assert editor_client.head(address, headers={"Tus-Resumable": "0.2"}).status_code == 412


def test_it_wants_the_protocols_content_type(tus, editor_client):
    address = tus.create(10)["Location"]
    response = editor_client.patch(
        address,
        b"0",
        content_type="application/octet-stream",
        headers={"Tus-Resumable": "1.0.0", "Upload-Offset": "0"},
    )

    assert response.status_code == 415


@pytest.mark.parametrize("metadata", ["filename ***", "filename ä", "filename YQ=="[:-1]])
def test_it_refuses_metadata_that_is_not_base64(tus, metadata):
    assert tus.create(4, **{"Upload-Metadata": metadata}).status_code == 400


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\talks\\one.mp4", "one.mp4"),
        ("a\0b\r\n\u202e.mp4", "ab.mp4"),
        ("", "video"),
        ("x" * 400 + ".mp4", "x" * 251 + ".mp4"),
    ],
)
def test_it_keeps_a_name_for_display_only(tus, given, kept):
    tus.create(4, name=given)

    upload = Upload.objects.get()
    assert upload.file_name == kept
    assert upload.path.name == f"{upload.pk}.part"


def test_it_is_given_up(tus):
    address = tus.create(10)["Location"]
    path = Upload.objects.get().path

    assert tus.delete(address).status_code == 204
    assert not path.exists()
    assert tus.head(address).status_code == 404


def test_it_hides_the_uploads_of_others(tus, elsewhere):
    address = tus.create(10)["Location"]

    assert elsewhere.head(address).status_code == 404
    assert elsewhere.patch(address, 0, b"0123").status_code == 404
    assert elsewhere.delete(address).status_code == 404
    assert Upload.objects.get().offset == 0
    assert tus.head(f"/uploads/{uuid.uuid4()}/").status_code == 404


def test_it_goes_on_while_its_sender_looks_at_another_team(tus, editor_client, editor):
    address = tus.create(4)["Location"]
    second = factories.make_team(name="South")
    Membership.objects.create(team=second, user=editor, role=Membership.Role.VIEWER)
    editor_client.post(reverse("team_choose", args=[second.pk]))

    assert tus.patch(address, 0, b"0123").status_code == 204
    assert tus.create(4).status_code == 403


def test_it_ends_with_the_membership(tus, editor):
    address = tus.create(4)["Location"]
    Membership.objects.filter(user=editor).update(role="viewer")

    assert tus.patch(address, 0, b"0123").status_code == 403


def test_it_keeps_csrf_protection_on(editor):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    factories.sign_in(strict, editor)

    assert Tus(strict).create(4).status_code == 403


@pytest.mark.parametrize("method", ["post", "options", "head", "patch", "delete"])
def test_it_tells_strangers_to_sign_in(method, tus):
    """Even those whose CSRF cookie is gone too. What has arrived is kept."""
    from django.test import Client

    address = tus.create(4, body=b"01")["Location"]
    asked = address if method in ("head", "patch", "delete") else reverse("upload_list")
    response = Tus(Client(enforce_csrf_checks=True)).send(method, asked, None)

    assert response.status_code == 401
    assert response["Content-Type"].startswith("text/plain")
    if method != "head":
        assert "Sign in again; the upload goes on afterwards." in response.content.decode()
    assert Upload.objects.get().offset == 2


def test_it_forgets_what_nobody_goes_on_with(tus, settings):
    settings.UPLOAD_KEEP_HOURS = 2
    address = tus.create(10)["Location"]
    path = Upload.objects.get().path

    assert sweep_uploads(timezone.now() + timedelta(hours=1)) == 0
    assert sweep_uploads(timezone.now() + timedelta(hours=3)) == 1
    assert not path.exists()
    assert tus.head(address).status_code == 404


def test_it_sweeps_parts_without_a_row(tus):
    tus.create(10)
    upload = Upload.objects.get()
    Upload.objects.all().delete()

    assert sweep_uploads(timezone.now()) == 0
    assert sweep_uploads(timezone.now() + timedelta(days=9)) == 1
    assert not upload.path.exists()


def test_it_finishes_by_itself_what_came_whole(tus):
    with time_machine.travel(timezone.now() - timedelta(minutes=5), tick=False):
        tus.create(4)
    Upload.objects.get().path.write_bytes(b"0123")
    sweep_uploads(timezone.now())

    assert Upload.objects.get().finished_at is not None

from __future__ import annotations

import os

import pytest
from django.urls import reverse

from clipboard.media.models import Upload

pytestmark = pytest.mark.django_db


def test_it_says_what_it_can(editor_client, settings):
    settings.UPLOAD_MAX_GB = 3
    response = editor_client.options(reverse("upload_list"))

    assert response.status_code == 204
    assert response["Tus-Version"] == "1.0.0"
    assert response["Tus-Max-Size"] == "3000000000"
    assert set(response["Tus-Extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "termination",
        "expiration",
    }


def test_it_takes_a_file_in_pieces(tus, editor, team):
    address = tus.create(10)["Location"]
    first, second = tus.patch(address, 0, b"01234"), tus.patch(address, 5, b"56789")

    upload = Upload.objects.get()
    assert (first.status_code, first["Upload-Offset"]) == (204, "5")
    assert (second.status_code, second["Upload-Offset"]) == (204, "10")
    assert (upload.user, upload.team, upload.file_name) == (editor, team, "talk.mp4")
    assert upload.finished_at is not None


def test_it_answers_with_a_relative_address_and_an_expiry(tus):
    response = tus.create(10)

    assert response.status_code == 201
    assert response["Location"].startswith("/uploads/")
    assert "GMT" in response["Upload-Expires"]


def test_it_takes_the_first_bytes_with_the_announcement(tus):
    response = tus.create(10, body=b"0123")

    assert (response.status_code, response["Upload-Offset"]) == (201, "4")


def test_it_keeps_what_came_on_disk(tus):
    address = tus.create(10)["Location"]
    tus.patch(address, 0, b"0123")

    upload = Upload.objects.get()
    assert upload.path.read_bytes() == b"0123"
    assert upload.offset == 4
    assert tus.head(address)["Upload-Offset"] == "4"
    assert tus.head(address)["Upload-Length"] == "10"
    assert tus.head(address)["Cache-Control"] == "no-store"


def test_it_trusts_the_file_after_a_crash(tus):
    address = tus.create(10)["Location"]
    tus.patch(address, 0, b"0123")
    upload = Upload.objects.get()
    with upload.path.open("ab") as part:
        part.write(b"45")  # written, and killed before the row could follow

    assert tus.head(address)["Upload-Offset"] == "6"
    assert Upload.objects.get().offset == 6
    assert tus.patch(address, 6, b"6789").status_code == 204
    assert upload.path.read_bytes() == b"0123456789"


def test_it_goes_back_when_the_disk_lost_bytes(tus):
    address = tus.create(10)["Location"]
    tus.patch(address, 0, b"012345")
    os.truncate(Upload.objects.get().path, 3)

    assert tus.head(address)["Upload-Offset"] == "3"


def test_it_finishes_what_was_whole_before_the_crash(tus):
    address = tus.create(4)["Location"]
    Upload.objects.get().path.write_bytes(b"0123")

    assert tus.head(address)["Upload-Offset"] == "4"
    assert Upload.objects.get().finished_at is not None


def test_it_says_where_to_go_on_when_the_offset_is_wrong(tus):
    address = tus.create(10)["Location"]
    tus.patch(address, 0, b"0123")
    response = tus.patch(address, 2, b"23")

    assert (response.status_code, response["Upload-Offset"]) == (409, "4")
    assert Upload.objects.get().path.read_bytes() == b"0123"


def test_it_refuses_the_same_piece_twice_without_harm(tus):
    address = tus.create(10)["Location"]
    tus.patch(address, 0, b"0123")

    assert tus.patch(address, 0, b"0123").status_code == 409
    assert tus.patch(address, 4, b"456789").status_code == 204
    assert Upload.objects.get().finished_at is not None

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
import time_machine
from django.core.files.storage import default_storage

from clipboard.clips.fetch import source_folder
from clipboard.clips.prepare import stored_name
from clipboard.media.storage import is_signed, signature
from tests import factories

pytestmark = pytest.mark.django_db
NOW = 1_767_268_800  # 2026-01-01T12:00Z


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def address(clock):
    factories.make_file("clips/b.mp4", b"theirs")
    return default_storage.url(factories.make_file("clips/a.mp4", b"ours"))


def changed(address, **changes):
    for name, value in changes.items():
        address = re.sub(
            rf"([?&]{name}=)[^&]*", lambda match, value=value: match[1] + value, address
        )
    return address


def test_it_opens_with_its_own_address(client, address):
    assert client.get(address).getvalue() == b"ours"


@pytest.mark.parametrize(
    "tamper",
    [
        lambda address: address.replace("a.mp4", "b.mp4"),
        lambda address: address.replace("a.mp4", "a%2Emp4x"),
        lambda address: address.replace("clips/", "clips//"),
        lambda address: address.replace("clips/", "clips/./"),
        lambda address: address.replace("clips/", "clips%2F..%2Fclips%2F"),
        lambda address: address.partition("?")[0],
        lambda address: changed(address, k=""),
        lambda address: changed(address, k="0" * 43),
        lambda address: address[:-1],
        lambda address: address + "0",
        lambda address: changed(address, e=""),
        lambda address: changed(address, e="99999999999"),
        lambda address: changed(address, e="-1"),
        lambda address: changed(address, e="1e12"),
        lambda address: changed(address, e="%D9%A3"),
        lambda address: changed(address, e="9" * 5000),
        lambda address: changed(address, k="%00"),
        lambda address: changed(address, k=quote("é")),
        lambda address: changed(address, k="%ED%A0%80"),
        lambda address: address.replace("/media/", "/media/%00"),
        lambda address: address.replace("/media/", "/media/%ED%A0%80"),
    ],
)
def test_it_does_not_open_with_another(client, address, tamper):
    tampered = tamper(address)

    response = client.get(tampered)

    assert tampered != address
    assert response.status_code == 403
    assert b"Reload the page" in response.content
    assert client.get(tampered, headers={"Range": "bytes=0-1"}).status_code == 403
    assert client.head(tampered).status_code == 403


def test_a_longer_life_cannot_be_written_in(client, address):
    expires = int(re.search(r"e=(\d+)", address)[1])

    assert client.get(changed(address, e=str(expires + 1))).status_code == 403


def test_it_runs_out_for_ranges_too(client, clock, address, settings):
    expires = int(re.search(r"e=(\d+)", address)[1])
    clock.move_to(expires - 1)
    before = client.get(address, headers={"Range": "bytes=0-1"}).status_code
    clock.move_to(expires)

    assert before == 206
    assert client.get(address, headers={"Range": "bytes=0-1"}).status_code == 403
    assert expires - NOW <= settings.MEDIA_URL_SECONDS


def test_it_lives_at_least_three_quarters_of_the_setting(clock, settings):
    for lifetime in (5, 60, 3600, 86_400):
        settings.MEDIA_URL_SECONDS = lifetime
        for second in range(0, lifetime, max(1, lifetime // 50)):
            clock.move_to(NOW + second)
            left = int(re.search(r"e=(\d+)", default_storage.url("a"))[1]) - (NOW + second)
            assert lifetime * 0.75 - 1 <= left <= lifetime


def test_it_stays_the_same_for_a_while_so_that_browsers_keep_what_they_have(clock):
    first = default_storage.url("a")
    clock.shift(60)

    assert default_storage.url("a") == first


def test_another_secret_key_is_another_signature(settings):
    ours = signature("a.mp4", NOW + 60)
    settings.SECRET_KEY = "another key, as long as the first one was, and of no use"

    assert not is_signed("a.mp4", str(NOW + 60), ours, now=NOW)


def test_names_survive_the_trip(client, clock):
    name = factories.make_file("clips/ä b+c&d.mp4", b"odd")

    assert client.get(default_storage.url(name)).getvalue() == b"odd"


def test_it_lets_the_pictures_of_one_folder_share_a_key_and_nothing_else(client, clock):
    for name in ("clips/1/filmstrip.webp", "clips/1/clip.mp4", "clips/2/poster.webp"):
        factories.make_file(name)
    address = default_storage.url(factories.make_file("clips/1/poster.webp"))

    assert client.get(address.replace("poster", "filmstrip")).status_code == 200
    for other in ("1/clip.mp4", "2/poster.webp", "1/x/poster.webp"):
        assert client.get(address.replace("1/poster.webp", other)).status_code == 403


def test_a_key_to_one_recordings_pictures_opens_no_other_of_that_month(client, clock, team):
    ours, theirs = (
        factories.make_file(stored_name(source_folder(factories.make_source(team=one)) / "p.webp"))
        for one in (team, factories.make_team(name="South"))
    )
    address = default_storage.url(ours)

    assert ours.split("/")[:3] == theirs.split("/")[:3]
    assert client.get(address).status_code == 200
    assert client.get(address.replace(ours, theirs)).status_code == 403

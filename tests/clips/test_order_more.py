"""Versions of a clip, what an order would cost, and choices that a team saves."""

from __future__ import annotations

import pytest
from django.core.files.storage import FileSystemStorage
from django.urls import reverse

from clipboard.clips.models import Job, Preset, Source
from clipboard.clips.order import draft
from clipboard.clips.shipment import order_of
from tests import factories
from tests.clips import ordering
from tests.clips.ordering import CINEMATIC, HTMX, given, post
from tests.clips.service import Service

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(team):
    return ordering.make_source(team)


@pytest.fixture
def account(team):
    return factories.make_account(team=team)


@pytest.fixture
def clip(team, source):
    job = factories.make_job(team=team, source=source)
    return factories.make_clip(team=team, job=job, file=factories.make_file())


def test_versions_are_offered_on_the_clips_page_and_nowhere_else(editor_client, team, source, clip):
    factories.make_account(team=team, provider="sync")

    page = editor_client.get(reverse("source_detail", args=[source.pk])).content.decode()
    assert "sync.so: Main" not in page
    page = editor_client.get(reverse("clip_detail", args=[clip.pk])).content.decode()
    assert "Make a version of this clip" in page
    assert "sync.so: Main" in page


def test_it_orders_a_version_of_a_clip(editor_client, team, source, clip, settings):
    settings.PUBLIC_BASE_URL = "https://clips.example.org"
    sync = factories.make_account(team=team, provider="sync")
    chosen = {"model": "sync-3", "sound": "dub", "dubParams.targetLang": "es"}

    post(editor_client, "order_create", source, given(sync, options=chosen, clip=clip.pk))

    job = Job.objects.get(provider="sync")
    assert (job.clip, job.source, job.options) == (clip, source, chosen)


def test_a_clip_of_another_recording_is_not_found(editor_client, team, source, clip):
    other = factories.make_source(team=team)
    data = {"clip": clip.pk}
    assert post(editor_client, "order_form", other, data).status_code == 404
    assert post(editor_client, "order_form", source, {"clip": "x"}).status_code == 404


def cost(client, source, *accounts, **data):
    return post(client, "order_estimate", source, given(*accounts, **data), **HTMX)


def test_it_says_what_it_costs_only_where_that_is_known(editor_client, team, account, settings):
    url = "https://example.org/talk.mp4"
    source = factories.make_source(team=team, origin="url", origin_url=url, duration=130)
    vizard = factories.make_account(team=team, provider="vizard")

    page = cost(editor_client, source, vizard, options={}).content.decode()
    assert "It costs about 3 minutes at Vizard." in page
    page = cost(editor_client, source, account).content.decode()
    assert "It costs 1 credit at ReelBot." in page
    reka = factories.make_account(team=team, provider="reka")
    page = cost(editor_client, source, reka, options={}).content.decode()
    assert "Reka does not tell beforehand what it costs." in page
    assert not Job.objects.exists()


@pytest.mark.parametrize(("status", "in_trouble"), [(500, False), (401, True)])
def test_a_price_that_cannot_be_had_is_no_crash(
    editor_client, team, source, clip, settings, status, in_trouble
):
    service = Service()
    settings.OUTBOUND_ALLOW_HOSTS = [service.netloc]
    settings.PUBLIC_BASE_URL = "https://clips.example.org"
    service.says("POST /v2/analyze/cost", (status, b"<h1>"))
    sync = factories.make_account(team=team, provider="sync", base_url=service.url)
    chosen = {"model": "sync-3", "sound": "dub", "dubParams.targetLang": "es"}

    response = cost(editor_client, source, sync, options=chosen, clip=clip.pk)

    service.close()
    assert response.status_code == 200
    assert "sync.so does not say what it costs." in response.content.decode()
    sync.refresh_from_db()
    assert bool(sync.trouble) is in_trouble, "nobody asks again with a key that is refused"


def save(client, source, account, name, **data):
    more = {"save": account.pk, f"preset-name-{account.pk}": name}
    return post(client, "preset_create", source, given(account, **more, **data), **HTMX)


def test_a_team_saves_loads_and_deletes_choices(editor_client, team, source, account):
    assert save(editor_client, source, account, "Seas").status_code == 200
    preset = Preset.objects.get()
    assert (preset.team, preset.name, preset.options["topic"]) == (team, "Seas", "sea")

    load = {"account": account.pk, "load": account.pk, f"preset-{account.pk}": preset.pk}
    page = post(editor_client, "order_form", source, load, **HTMX).content.decode()
    assert 'value="sea"' in page
    assert "shared/sea.mp4</textarea>" in page

    data = given(account, source=source.pk)
    page = editor_client.post(reverse("preset_delete", args=[preset.pk]), data, headers=HTMX)
    assert not Preset.objects.exists()
    assert 'value="sea"' in page.content.decode(), "what was typed stays"


def test_saving_under_the_same_name_replaces(editor_client, source, account):
    save(editor_client, source, account, "Seas")
    save(editor_client, source, account, "Seas", options=CINEMATIC | {"topic": "lakes"})

    assert Preset.objects.get().options["topic"] == "lakes"


def test_saved_choices_need_a_name_and_sense(editor_client, source, account):
    response = save(editor_client, source, account, " ")
    assert response.status_code == 422
    assert "Give these choices a name." in response.content.decode()
    assert save(editor_client, source, account, "x", options={"topic": "x"}).status_code == 422
    assert not Preset.objects.exists()


def test_presets_belong_to_the_team(editor_client, source, account):
    theirs = factories.make_preset(team=factories.make_team(name="South"), name="Secret plan")
    load = {"account": account.pk, "load": account.pk, f"preset-{account.pk}": theirs.pk}

    page = post(editor_client, "order_form", source, load, **HTMX).content.decode()

    assert "Secret plan" not in page


def test_a_preset_of_options_that_are_no_more_loads_the_rest(editor_client, team, source, account):
    options = {"topic": "sea", "gone": 1, "videoType": "vanished"}
    preset = factories.make_preset(team=team, options=options)
    load = {"account": account.pk, "load": account.pk, f"preset-{account.pk}": preset.pk}

    assert 'value="sea"' in post(editor_client, "order_form", source, load).content.decode()


class Elsewhere(FileSystemStorage):
    """Signs absolute addresses, as object stores do."""

    def url(self, name):
        return f"https://bucket.s3.example/{name}?signature=1"


@pytest.mark.parametrize("base", ["", "https://clips.example.org"])
def test_an_object_stores_own_address_is_given_as_it_is(
    editor_client, team, settings, monkeypatch, base
):
    settings.PUBLIC_BASE_URL = base
    source = ordering.make_source(team)
    monkeypatch.setattr(Source._meta.get_field("file"), "storage", Elsewhere())
    vizard = factories.make_account(team=team, provider="vizard")

    page = post(editor_client, "order_form", source, given(vizard, options={})).content.decode()

    assert "a link to this recording at bucket.s3.example that ends soon." in page
    order = order_of(draft(vizard, Source.objects.get(), None), vizard)
    assert order.address == "https://bucket.s3.example/sources/a.mp4?signature=1"

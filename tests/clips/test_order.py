"""Ordering from providers: forms made of what adapters declare, presets, costs, nothing twice."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from clipboard.clips.forms import Sheet
from clipboard.clips.forms.choices import choices_form, written
from clipboard.clips.models import Job, Preset
from clipboard.providers.options import Option
from clipboard.providers.port import Provider
from clipboard.providers.registry import PROVIDERS
from tests import factories
from tests.clips.service import Service

pytestmark = pytest.mark.django_db
CINEMATIC = {"videoType": "cinematic", "topic": "sea", "brollKeys": "shared/sea.mp4"}
HTMX = {"HX-Request": "true"}


class Anything(Provider):
    name, title = "anything", "Anything"
    options = (
        Option(name="a.text", label="Text", kind="text", least=2, most=5),
        Option(name="long", label="Long", kind="long_text", needed_when=("pick", "x")),
        Option(name="whole", label="Whole", kind="whole", least=1, most=9),
        Option(name="number", label="Number", kind="number", least=0, most=1),
        Option(name="pick", label="Pick", kind="choice", choices=(("x", "X"), ("y", "Y"))),
        Option(name="switch", label="Switch", kind="switch", default=True),
        Option(name="colour", label="Colour", kind="colour"),
        Option(name="list", label="List", kind="list", least=2, most=3),
        Option(name="json", label="JSON", kind="json"),
    )


@pytest.fixture
def source(team):
    return factories.make_source(team=team, file=factories.make_file("sources/a.mp4"))


@pytest.fixture
def account(team):
    return factories.make_account(team=team)


def given(*accounts, options=CINEMATIC, **more):
    fields = {
        f"account-{one.pk}-{name}": value for one in accounts for name, value in options.items()
    }
    return {"account": [one.pk for one in accounts]} | fields | more


def post(client, name, source, data, **headers):
    return client.post(reverse(name, args=[source.pk]), data, headers=headers)


# --- The form -------------------------------------------------------------------------------------


def test_it_types_what_was_chosen_and_leaves_out_what_was_not():
    form = choices_form(Anything())(
        {
            "a.text": " abc ",
            "long": "one\r\ntwo",
            "whole": "3",
            "number": "0.5",
            "pick": "x",
            "switch": "0",
            "colour": "#ff7e4F",
            "list": "a\r\n\r\n b ",
            "json": '{"k": [1, null]}',
        }
    )
    assert form.is_valid(), form.errors
    assert form.options() == {
        "a.text": "abc",
        "long": "one\ntwo",
        "whole": 3,
        "number": 0.5,
        "pick": "x",
        "switch": False,
        "colour": "#ff7e4F",
        "list": ["a", "b"],
        "json": {"k": [1, None]},
    }
    assert choices_form(Anything())(written(Anything(), form.options())).data["list"] == "a\nb"
    empty = choices_form(Anything())({})
    assert empty.is_valid()
    assert empty.options() == {}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("a.text", "abcdef", "At most 5 characters."),
        ("a.text", "\x00ab", "Null characters"),
        ("whole", "0", "Write a whole number from 1 to 9."),
        ("whole", "9" * 5000, "Write a whole number from 1 to 9."),
        ("number", "nan", "Write a number from 0 to 1."),
        ("number", "1e999", "Write a number from 0 to 1."),
        ("pick", "z", "Choose one of these."),
        ("switch", "maybe", "Choose yes or no."),
        ("colour", "red", "Write a colour such as #FF7E4F."),
        ("list", "only one", "Write 2 to 3 lines."),
        ("json", "{", "This is no JSON"),
        ("json", "NaN", "This is no JSON"),
        ("json", "[" * 9000, "This is no JSON"),
        ("json", '"\\u0000"', "cannot be stored"),
        ("json", '"\\ud800"', "This is no JSON"),
    ],
)
def test_bad_choices_get_a_sentence(name, value, sentence):
    form = choices_form(Anything())({name: value})

    assert not form.is_valid()
    assert sentence in str(form.errors[name])


def test_what_another_choice_needs_must_be_given():
    form = choices_form(Anything())({"pick": "x"})
    assert form.errors["long"] == ["This is needed."]
    assert choices_form(Anything())({"pick": "y"}).is_valid()


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_every_providers_options_can_be_shown_and_given(provider, editor_client, team, source):
    account = factories.make_account(team=team, provider=provider)
    clip = None
    if account.adapter.makes == "version":
        clip = factories.make_clip(team=team, job=factories.make_job(team=team, source=source))
    about = {"clip": clip.pk} if clip else {}

    page = post(editor_client, "order_form", source, {"account": account.pk, **about})

    text = page.content.decode()
    for option in account.adapter.options:
        assert f'name="account-{account.pk}-{option.name}"' in text


# --- The pages ------------------------------------------------------------------------------------


def test_the_recordings_page_offers_accounts(editor_client, account, source):
    page = editor_client.get(reverse("source_detail", args=[source.pk])).content.decode()

    assert "Ask other services" in page
    assert "ReelBot: Main" in page
    assert "Make clips" in page, "our own form stays"


def test_it_says_where_to_get_an_account(editor_client, source):
    page = editor_client.get(reverse("source_detail", args=[source.pk])).content.decode()

    assert "Whom to ask for an account" in page


def test_an_account_that_is_off_is_not_offered(editor_client, account, source, team):
    account.switch(on=False)
    troubled = factories.make_account(team=team, name="Second")
    troubled.report_trouble("Refused.")

    page = editor_client.get(reverse("source_detail", args=[source.pk])).content.decode()
    assert "ReelBot: Main" not in page
    assert "Second (in trouble)" in page
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


def test_a_yes_to_other_choices_counts_for_nothing(editor_client, source, account):
    post(editor_client, "order_create", source, given(account))
    again = {f"again-{account.pk}": "0" * 16}

    assert post(editor_client, "order_create", source, given(account, **again)).status_code == 422
    assert Job.objects.count() == 1


def test_what_failed_is_not_asked_about(editor_client, source, account):
    post(editor_client, "order_create", source, given(account))
    Job.objects.update(state="failed")

    assert post(editor_client, "order_create", source, given(account)).status_code == 302


# --- What is sent to whom -------------------------------------------------------------------------


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
    reka = factories.make_account(team=team, provider="reka")

    page = told(editor_client, source, reka)

    assert "set PUBLIC_BASE_URL" in page
    assert "disabled" in page.partition('id="order-send"')[2].partition(">")[0]
    response = post(editor_client, "order_create", source, {"account": reka.pk})
    assert response.status_code == 422
    assert not Job.objects.exists()


def test_a_recording_from_a_link_is_passed_on_as_that_link(editor_client, team):
    url = "https://www.youtube.com/watch?v=jNQXAC9IVRw&secret=1"
    source = factories.make_source(team=team, origin="url", origin_url=url)
    scalereach = factories.make_account(team=team, provider="scalereach")

    page = told(editor_client, source, scalereach)

    assert "the link at www.youtube.com that this recording came from" in page
    assert "secret=1" not in page.partition("order__line")[2]


# --- Versions of a clip ---------------------------------------------------------------------------


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


# --- What it costs --------------------------------------------------------------------------------


def cost(client, source, *accounts, **data):
    return post(client, "order_estimate", source, given(*accounts, **data), **HTMX)


def test_it_says_what_it_costs_only_where_that_is_known(editor_client, team, account, settings):
    url = "https://example.org/talk.mp4"
    source = factories.make_source(team=team, origin="url", origin_url=url, duration=130)
    vizard = factories.make_account(team=team, provider="vizard")

    page = cost(editor_client, source, vizard, options={}).content.decode()
    assert "It costs about 3 minutes at Vizard." in page
    page = cost(editor_client, source, account).content.decode()
    assert "ReelBot does not tell beforehand what it costs." in page
    assert not Job.objects.exists()


def test_a_price_that_cannot_be_had_is_no_crash(editor_client, team, source, clip, settings):
    service = Service()
    settings.OUTBOUND_ALLOW_HOSTS = [service.netloc]
    settings.PUBLIC_BASE_URL = "https://clips.example.org"
    service.says("POST /v2/analyze/cost", (500, b"<h1>"))
    sync = factories.make_account(team=team, provider="sync", base_url=service.url)
    chosen = {"model": "sync-3", "sound": "dub", "dubParams.targetLang": "es"}

    response = cost(editor_client, source, sync, options=chosen, clip=clip.pk)

    service.close()
    assert response.status_code == 200
    assert "sync.so does not say what it costs." in response.content.decode()


# --- Presets --------------------------------------------------------------------------------------


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

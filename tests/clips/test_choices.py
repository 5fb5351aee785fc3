"""Forms made of what adapters declare: typed, bounded, and what is empty is not sent."""

from __future__ import annotations

import re

import pytest

from clipboard.clips.forms.choices import choices_form, written
from clipboard.providers.options import Option
from clipboard.providers.port import Provider
from clipboard.providers.registry import PROVIDERS
from tests import factories
from tests.clips import ordering
from tests.clips.ordering import post

pytestmark = pytest.mark.django_db


class Form(Provider):
    """Nothing is ever sent."""

    headers = greet = submit = poll = refresh = None


class Grouped(Form):
    name, title = "grouped", "Grouped"
    options = (
        Option(name="pick", label="Pick", kind="choice", choices=(("x", "X"), ("y", "Y"))),
        Option(name="must", label="Must", kind="text", is_required=True, group="Needed"),
        Option(name="preset", label="P", kind="text", is_required=True, default="a", group="Given"),
        Option(name="x", label="For X", kind="text", needed_when=("pick", "x"), group="With X"),
        Option(name="n", label="Number", kind="whole", most=3, group="Numbers"),
    )


class Anything(Form):
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
    return ordering.make_source(team)


@pytest.fixture
def account(team):
    return factories.make_account(team=team)


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
        ("json", "[" * 99 + "]" * 99, "at most 20 brackets"),
        ("json", "[-1e999]", "too large"),
        ("json", "9" * 400, "too large"),
        ("json", '"\\u0000"', "cannot be stored"),
        ("json", '"\\ud800"', "This is no JSON"),
    ],
)
def test_bad_choices_get_a_sentence(name, value, sentence):
    form = choices_form(Anything())({name: value})

    assert not form.is_valid()
    assert sentence in str(form.errors[name])


CONFIG = "generation_config"
NARRATED = {"videoType": "narrated", "topic": "sea", "brollKeys": "shared/sea.mp4", "script": "A."}
PARTS = {"model": "sync-3", "sound": "parts"}
SOUNDS = '[{"refId": "a", "type": "audio", "url": "https://me.example/a.wav"}]'
PART = '[{"startTime": %s, "endTime": 4.5, "audioInput": {"refId": "%s"}}]'


@pytest.mark.parametrize(
    ("provider", "given", "name", "mended"),
    [
        ("reka", {f"{CONFIG}.min_duration_seconds": "120"},
         f"{CONFIG}.max_duration_seconds", "120"),
        ("reka", {f"{CONFIG}.source_start_time": "30", f"{CONFIG}.source_end_time": "20"},
         f"{CONFIG}.source_end_time", "40"),
        ("scalereach", {"config.clipDurationMin": "60", "config.clipDurationMax": "30"},
         "config.clipDurationMax", "60"),
        ("scalereach", {"config.timeframeStart": "60", "config.timeframeEnd": "30"},
         "config.timeframeEnd", "90"),
        ("reelbot", NARRATED, "voiceId", "joanna"),
        ("reelbot", NARRATED | {"voiceoverKey": "users/1/a.mp3", "assetTrimSettings": '{"k": 4}'},
         "assetTrimSettings", '{"k": {"startTime": 0, "endTime": 4}}'),
        ("sync", PARTS | {"sounds": SOUNDS, "segments": PART % (0, "b")},
         "segments", PART % (0, "a")),
        ("sync", PARTS | {"sounds": SOUNDS, "segments": PART % (9, "a")},
         "segments", PART % (0, "a")),
    ],
)  # fmt: skip
def test_what_cannot_go_together_is_said_before_anything_is_ordered(
    editor_client, team, settings, provider, given, name, mended
):
    settings.PUBLIC_BASE_URL = "https://clips.example.org"
    page = "https://www.youtube.com/watch?v=wVXAFlueS9Y"
    source = factories.make_source(team=team, origin="url", origin_url=page)
    account = factories.make_account(team=team, provider=provider)
    more = {}
    if PROVIDERS[provider].makes == "version":
        job, file = factories.make_job(team=team, source=source), factories.make_file("clips/a.mp4")
        more["clip"] = factories.make_clip(team=team, job=job, file=file).pk

    def order(options):
        data = ordering.given(account, options=options, **more)
        return post(editor_client, "order_create", source, data)

    refused = order(given)
    assert refused.status_code == 422
    page = refused.content.decode()
    field = f"account-{account.pk}-{name.replace('.', '-')}"
    assert re.findall(r'class="field__error" id="([^"]+)"', page) == [f"{field}-error"]
    assert not account.jobs.exists()

    assert order(given | {name: mended}).status_code == 302
    assert account.jobs.count() == 1


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


def open_groups(form):
    return [group.name for group in form.groups() if group.is_open]


def test_a_group_is_open_that_holds_what_is_chosen_needed_or_wrong():
    form = choices_form(Grouped())

    assert open_groups(form(prefix="account-5")) == ["Needed"]
    assert open_groups(form(initial={"pick": "x", "n": "2"})) == ["", "Needed", "With X", "Numbers"]
    assert open_groups(form({"pick": "y", "n": "4"})) == ["", "Needed", "Given", "Numbers"]
    with_x = form(prefix="account-5").groups()[3]
    assert with_x.needed_with == ["account-5-pick=x"]

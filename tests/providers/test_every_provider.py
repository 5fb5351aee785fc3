"""What every adapter owes, whatever its service says: run for all that are registered."""

from __future__ import annotations

import functools
import math
import random
import re
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from clipboard.providers import registry
from clipboard.providers.answer import Answer
from clipboard.providers.errors import ProviderError
from clipboard.providers.library import Library
from clipboard.providers.model import TERMINAL, Order, RemoteClip, RemoteJob
from clipboard.providers.port import Provider
from tests.providers.recorded import answer, play

PROVIDERS = sorted(registry.PROVIDERS.values(), key=lambda provider: provider.name)
FOLDER = Path(registry.__file__).parent
STATES = TERMINAL | {"queued", "running", "partial"}
ODD = [None, True, False, "", 0, -1, 1e308, math.nan, math.inf, 10**30, "\ud800", "\x00", "../.."]
ODD += [7, 120, "8.5", "https://cdn.example/a.mp4", "2025-01-21T16:30:00Z", 1_700_000_000]
ORDER = Order(address="https://www.youtube.com/watch?v=wVXAFlueS9Y", options={}, title="A talk")
every = pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)


@every
def test_it_declares_what_a_form_can_be_made_of(provider):
    for options in (provider.options, provider.clip_filters):
        names = [option.name for option in options]
        assert len(names) == len(set(names))
        for option in options:
            assert option.label
            assert bool(option.choices) == (option.kind == "choice"), option.name
            assert option.default in (None, *(value for value, _ in option.choices or [])) or (
                option.kind != "choice"
            ), option.name
    declared = {option.name for option in provider.options}
    needed = {option.needed_when[0] for option in provider.options if option.needed_when}
    assert needed | set(chain(*provider.ordered)) | set(provider.wrong_with({})) <= declared
    assert re.fullmatch(r"[a-z]{2,20}", provider.name)
    assert provider.base_url.startswith("https://")
    assert len({budget.name for budget in provider.budgets}) == len(provider.budgets)
    assert 0 < provider.pace.first <= provider.pace.slowest < provider.pace.deadline


@pytest.mark.parametrize("verb", ["upload", "look", "browse", "find", "refresh", "delete"])
def test_no_store_lacks_a_verb_that_is_asked_of_each(verb):
    written = {name: lambda self: None for name in Library.__abstractmethods__ - {verb}}
    with pytest.raises(TypeError, match=verb):
        type("Store", (Library,), written)()


def test_no_provider_lacks_a_verb_that_is_asked_of_each():
    assert {"headers", "greet", "submit", "poll", "refresh"} == Provider.__abstractmethods__


@every
def test_its_store_writes_the_verbs_of_groups_where_it_has_them(provider):
    verbs = {"groups", "create_group", "rename_group", "delete_group", "move"}
    store = type(provider.library)
    written = {name for name in verbs if getattr(store, name, None) != getattr(Library, name)}
    has_groups = provider.library is not None and provider.library.has_groups
    assert not provider.library or written == (verbs if has_groups else set())


@every
def test_it_writes_the_verbs_that_it_says_it_has(provider):
    has = {
        name
        for name in vars(Provider)
        if getattr(type(provider), name) is not getattr(Provider, name)
    }
    assert Provider.__abstractmethods__ <= has
    assert provider.can_look_up == ("find" in has)
    assert provider.can_delete == ("delete" in has)
    assert provider.can_delete_clips == ("delete_clip" in has)
    assert provider.can_delete or not (provider.deletes_running or provider.can_delete_input)
    assert provider.can_favourite == ("favourite" in has)
    assert "clips" in has or not provider.can_favourite, "what is marked there is looked at"
    assert provider.can_estimate == ("estimate" in has)
    assert provider.has_webhooks == ("check_webhook" in has)
    assert bool(provider.clip_filters) == ("clips" in has)
    assert provider.sends_idempotency_key == (provider.idempotency_lasts > 0)
    assert provider.sends_idempotency_key or "prepare" not in has
    assert provider.poll_budgets - {"status"} <= {budget.name for budget in provider.budgets}


@every
@pytest.mark.parametrize("body", [{}, [], "text", {"status": None, "code": None, "video": {}}])
def test_an_answer_without_a_status_is_no_news(provider, body):
    with pytest.raises(ProviderError) as caught:
        play(provider, provider.poll("abc"), answer(body))
    assert (caught.value.kind, caught.value.code) == ("provider", "no_status")


@every
@settings(max_examples=50, deadline=None, phases=[Phase.generate])  # a seed does not shrink
@given(seed=st.integers(0, 2**32))
def test_it_survives_whatever_a_service_may_send(provider, seed):
    luck = random.Random(seed)
    for name, steps in verbs_of(provider):
        try:
            result = fed(provider, steps, luck)
        except ProviderError as error:
            str(error).encode()
            continue
        for each in result if isinstance(result, (list, tuple)) else [result]:
            assert_sound(each, name)


def verbs_of(provider):
    verbs = {
        "greet": lambda: provider.greet(),
        "submit": lambda: provider.submit(ORDER),
        "poll": lambda: provider.poll("abc"),
        "refresh": lambda: provider.refresh("abc", "#0"),
        "clips": lambda: provider.clips("abc"),
        "find": lambda: provider.find(ORDER),
        "favourite": lambda: provider.favourite("abc", "#0", on=True),
        "delete": lambda: provider.delete("abc"),
        "delete_clip": lambda: provider.delete_clip("abc", "#0"),
        "estimate": lambda: provider.estimate(ORDER),
    }
    for name, start in verbs.items():
        if getattr(type(provider), name) is not getattr(Provider, name):
            yield name, start()


def fed(provider, steps, luck):
    """What a verb returns that is given nonsense, as `speak.carry_out` would give it."""
    words = words_of(provider)
    favourite = luck.choice(words)
    try:
        next(steps)
        for _ in range(12):
            said = answer(nonsense(luck, words, favourite))
            if luck.random() < 0.15:
                status = luck.choice([400, 403, 404, 409, 429, 500])
                steps.throw(provider.error_from(Answer(status, said.headers, said.body)))
            else:
                steps.send(said)
    except StopIteration as done:
        return done.value
    steps.close()
    return None


@functools.cache
def words_of(provider):
    """The words that stand in the adapter's code: what it looks for in an answer."""
    files = [path for path in FOLDER.glob(f"{provider.name}*.py") if "options" not in path.name]
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    return sorted(set(re.findall(r'"([\w-]{1,40})"', source)))


def nonsense(luck, words, favourite, depth=0):
    """JSON of those words at any place, one of them at every second."""
    kind = luck.random()
    if kind < (0.95, 0.35, 0.2, 0.0)[depth]:
        names = luck.sample(
            words, min(len(words), luck.choice([2, 8, 40] if depth < 2 else [2, 5]))
        )
        return {name: nonsense(luck, words, favourite, depth + 1) for name in names}
    if kind > (0.97, 0.75, 0.85, 1.0)[depth]:
        return [nonsense(luck, words, favourite, depth + 1) for _ in range(luck.randrange(4))]
    return favourite if luck.random() < 0.5 else luck.choice([*ODD, luck.choice(words)])


def assert_sound(result, verb):
    if isinstance(result, RemoteJob):
        assert result.state in STATES, verb
        for said in (result.word, result.stage, (result.failure and result.failure.message) or ""):
            said.encode()
        assert result.progress is None or 0 <= result.progress <= 1
        clips = result.clips or ()
        assert len({clip.remote_id for clip in clips}) == len(clips)
        for clip in clips:
            assert_sound(clip, verb)
    elif isinstance(result, RemoteClip):
        assert 0 < len(result.remote_id) < 256
        assert result.score is None or 0 <= result.score <= 100
        assert result.duration is None or math.isfinite(result.duration)
        assert all(0 <= start < end for start, end in result.ranges)
        for said in (result.remote_id, result.title, result.reason, result.transcript):
            said.encode()
            assert "\x00" not in said

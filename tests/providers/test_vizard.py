from __future__ import annotations

from datetime import UTC, datetime

import pytest

from clipboard.providers.errors import ProviderError
from clipboard.providers.model import Order
from clipboard.providers.vizard import Vizard
from tests.providers.recorded import answer, play
from tests.providers.recorded_vizard import CLIP, DONE, PAGE, TAKEN

vizard = Vizard()


def poll(body):
    return play(vizard, vizard.poll("17861706"), answer(body))


def raised(steps, *answers):
    with pytest.raises(ProviderError) as caught:
        play(vizard, steps, *answers)
    return caught.value


def test_it_submits_a_page_with_what_vizard_wants_always():
    order = Order(address=PAGE, title="A talk", duration=61)
    submitted, (call,) = play(vizard, vizard.submit(order), answer(TAKEN))
    assert (call.method, call.path, call.budget) == ("POST", "/project/create", "create")
    assert call.json == {
        "videoUrl": PAGE,
        "videoType": 2,
        "lang": "auto",
        "preferLength": [0],
        "projectName": "A talk",
    }
    assert (submitted.remote_id, submitted.cost.amount, submitted.cost.unit) == (
        "17861706",
        2,
        "minutes",
    )
    assert vizard.headers("k") == {"VIZARDAI_API_KEY": "k"}


def test_it_sends_every_option_as_a_number_where_vizard_wants_one():
    switches = {option.name: True for option in vizard.options if option.kind == "switch"}
    options = switches | {
        "emojiSwitch": False,
        "lang": "de",
        "preferLength": "1,2",
        "ratioOfClip": "4",
        "maxClipNumber": 10,
        "keywords": "AI",
        "templateId": 52987165,
    }
    order = Order(address="https://clips.example/talk.mov?signature=abc", options=options)
    _, (call,) = play(vizard, vizard.submit(order), answer(TAKEN))
    assert call.json == {
        "videoUrl": order.address,
        "videoType": 1,
        "ext": "mov",
        "lang": "de",
        "preferLength": [1, 2],
        "ratioOfClip": 4,
        "maxClipNumber": 10,
        "keywords": "AI",
        "templateId": 52987165,
        "subtitleSwitch": 1,
        "headlineSwitch": 1,
        "emojiSwitch": 0,
        "highlightSwitch": 1,
        "autoBrollSwitch": 1,
        "removeSilenceSwitch": 1,
    }
    assert set(options) == {option.name for option in vizard.options}


@pytest.mark.parametrize(
    ("address", "kind"),
    [("https://vimeo.com/1", 4), ("https://player.vimeo.com/1", 4), ("https://notvimeo.com/1", 1)],
)
def test_it_tells_what_kind_of_address_it_is(address, kind):
    _, (call,) = play(vizard, vizard.submit(Order(address=address)), answer(TAKEN))
    assert call.json["videoType"] == kind


def test_it_sends_no_file_that_vizard_does_not_take():
    assert raised(vizard.submit(Order(address="https://clips.example/a.webm"))).kind == "input"


@pytest.mark.parametrize(
    ("code", "kind", "retryable"),
    [
        (4001, "auth", False),
        (4002, "provider", False),
        (4003, "rate", True),
        (4004, "input", False),
        (4005, "input", False),
        ("4006", "input", False),
        (4007, "payment", False),
        (4008, "input", False),
    ],
)
def test_it_reads_the_code_of_a_refused_order(code, kind, retryable):
    no = answer({"code": code, "errMsg": "Because."})
    error = raised(vizard.submit(Order(address=PAGE)), no)
    assert (error.kind, error.code, error.retryable) == (kind, str(code), retryable)
    assert "Because." in error.message
    assert error.retry_after == (60 if kind == "rate" else None)


@pytest.mark.parametrize(
    "said",
    [
        answer(b"<html>", status=502),
        answer(b"<html>"),
        answer({"code": 2000}),
        answer({"code": 9999, "projectId": 1}),
        answer([]),
    ],
)
def test_an_unclear_answer_to_an_order_is_an_unknown_outcome(said):
    assert raised(vizard.submit(Order(address=PAGE)), said).kind == "unknown"


def test_it_reads_clips(time_machine):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    time_machine.move_to(now, tick=False)
    job, (call,) = poll(DONE)
    (clip,) = job.clips
    assert call.path == "/project/query/17861706"
    assert (job.state, job.word, clip.state) == ("succeeded", "2000", "completed")
    assert (clip.remote_id, clip.duration, clip.title) == ("14529453", 25.408, CLIP["title"])
    assert (clip.score, clip.raw_score, clip.scale) == (87, "8.7", "0-10")
    assert clip.extra == {"topics": ["AI", "Work"], "editor": CLIP["clipEditorUrl"]}
    assert (clip.file.url, (clip.file.expires_at - now).total_seconds()) == (
        CLIP["videoUrl"],
        3 * 3600,
    )


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ({"code": 1000}, "running"),
        ({"code": 5555}, "running"),
        ({"code": 4002, "errMsg": "x"}, "failed"),
        ({"code": 4007}, "failed"),
        ({"code": 4008}, "failed"),
        ({"code": 2000, "videos": []}, "succeeded"),
        ({"code": 2000, "videos": [CLIP, CLIP | {"videoId": 2, "videoUrl": None}]}, "partial"),
    ],
)
def test_it_reads_the_state_from_the_code(body, state):
    job, _ = poll(body)
    assert job.state == state
    assert bool(job.failure and job.failure.message) == (state == "failed")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"code": 4001}, "auth"),
        ({"code": 4003}, "rate"),
        ({"code": 2000}, "provider"),
        ({"code": 2000, "videos": None}, "provider"),
    ],
)
def test_what_says_nothing_of_the_job_leaves_it_as_it_is(body, kind):
    assert raised(vizard.poll("1"), answer(body)).kind == kind


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        ("viralScore", 8.7, 87),
        ("viralScore", "", None),
        ("viralScore", None, None),
        ("viralScore", "11", None),
        ("viralScore", "0", 0),
    ],
)
def test_it_reads_odd_scores(field, value, read):
    assert poll(DONE | {"videos": [CLIP | {field: value}]})[0].clips[0].score == read


@pytest.mark.parametrize("topics", ["[" * 100_000, "AI, Work", '{"a": 1}', None, 7])
def test_it_survives_odd_topics(topics):
    (clip,) = poll(DONE | {"videos": [CLIP | {"relatedTopic": topics}]})[0].clips
    assert "topics" not in clip.extra


def test_it_gets_a_fresh_address_by_asking_again():
    file, _ = play(vizard, vizard.refresh("1", "14529453"), answer(DONE))
    assert file.url == CLIP["videoUrl"]
    assert play(vizard, vizard.refresh("1", "2"), answer(DONE))[0] is None
    assert play(vizard, vizard.refresh("1", "2"), answer({"code": 4008}))[0] is None
    for early in ({"code": 1000}, DONE | {"videos": [CLIP | {"videoUrl": None}]}):
        assert raised(vizard.refresh("1", "14529453"), answer(early)).code == "not_made"


def test_it_tests_a_key_without_spending():
    words, (call,) = play(vizard, vizard.greet(), answer({"code": 2000, "accounts": []}))
    assert (words, call.method) == ("The key is accepted.", "GET")
    assert raised(vizard.greet(), answer({"code": 4001, "errMsg": "Invalid key"})).kind == "auth"
    assert raised(vizard.greet(), answer({"code": 4003}, status=429)).kind == "rate"
    for not_theirs in (answer({}), answer(b"<html>"), answer(b"<html>", status=404)):
        assert raised(vizard.greet(), not_theirs).kind in {"provider", "missing"}


def test_it_estimates_minutes_where_the_length_is_known():
    assert play(vizard, vizard.estimate(Order(duration=3601)))[0].amount == 61
    assert play(vizard, vizard.estimate(Order()))[0] is None

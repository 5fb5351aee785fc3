from __future__ import annotations

import pytest

from clipboard.providers.errors import ProviderError
from clipboard.providers.model import Order
from clipboard.providers.reka import Reka
from clipboard.providers.reka_options import OPTIONS
from tests.providers.recorded import answer, play
from tests.providers.recorded_reka import (
    DONE,
    GENERATION,
    NUMBER,
    OUTPUT,
    QUEUED,
    RENDERING,
    SIGNED,
    SOURCE,
)

reka = Reka()


def error_of(steps, *answers):
    with pytest.raises(ProviderError) as caught:
        play(reka, steps, *answers)
    return caught.value


# --- Ordering -------------------------------------------------------------------------------------


def every_option():
    """As the form gives them: dotted names, choices as text."""
    options = {f"generation_config.{name}": value for name, value in GENERATION.items()}
    options |= {f"rendering_config.{name}": value for name, value in RENDERING.items()}
    style = options.pop("rendering_config.caption_style")
    options |= {f"rendering_config.caption_style.{name}": value for name, value in style.items()}
    return options | {
        "rendering_config.resolution": "240",
        "rendering_config.layout": "fit",
        "prompt": "the goals",
        "video_urls": ["https://example.com/second.mp4"],
    }


def test_it_sends_every_option_where_the_service_wants_it():
    order = Order(address=SOURCE, options=every_option())
    submitted, calls = play(reka, reka.submit(order), answer(QUEUED, status=202))

    assert set(every_option()) == {option.name for option in OPTIONS}
    (call,) = calls
    assert (call.method, call.path, call.budget) == ("POST", "/v1/clips", "clips")
    assert call.json == {
        "video_urls": [SOURCE, "https://example.com/second.mp4"],
        "prompt": "the goals",
        "generation_config": GENERATION,
        "rendering_config": RENDERING | {"layout": "fit"},
    }
    assert type(call.json["rendering_config"]["resolution"]) is int
    assert (submitted.remote_id, submitted.state, submitted.word) == (NUMBER, "queued", "queued")


def test_it_leaves_the_defaults_to_the_service():
    _, calls = play(reka, reka.submit(Order(address=SOURCE)), answer(QUEUED, status=202))
    assert calls[0].json == {"video_urls": [SOURCE]}
    assert reka.headers("secret") == {"X-Api-Key": "secret"}


def test_it_takes_the_number_by_either_name():
    taken = answer({"job_id": NUMBER, "status": "queued"})
    submitted, _ = play(reka, reka.submit(Order(address=SOURCE)), taken)
    assert submitted.remote_id == NUMBER


@pytest.mark.parametrize(
    "said",
    [
        answer({"status": "queued"}, status=202),
        answer(b"<html>", status=200),
        answer({"id": ".."}),
        answer(b"oops", status=502),
        answer({"error": {"type": "server_error", "message": "?"}}, status=500),
    ],
)
def test_what_may_have_been_taken_is_an_unknown_outcome(said):
    error = error_of(reka.submit(Order(address=SOURCE)), said)
    assert (error.kind, error.retryable) == ("unknown", False)


@pytest.mark.parametrize(
    "options",
    [
        {
            "generation_config.min_duration_seconds": 100,
            "generation_config.max_duration_seconds": 60,
        },
        {"generation_config.source_start_time": 9, "generation_config.source_end_time": 3},
    ],
)
def test_a_contradiction_is_refused_before_it_costs_anything(options):
    assert error_of(reka.submit(Order(address=SOURCE, options=options))).kind == "input"


def test_an_order_without_a_recording_is_refused():
    assert error_of(reka.submit(Order())).kind == "input"


def test_a_recording_in_the_store_is_sent_by_a_fresh_address():
    listed = {"results": [{"video_id": "v1", "url": SIGNED, "indexing_status": "pending"}]}
    _, calls = play(
        reka, reka.submit(Order(asset="v1")), answer(listed), answer(QUEUED, status=202)
    )
    assert [(call.path, call.json) for call in calls] == [
        ("/videos/get", {"video_ids": ["v1"]}),
        ("/v1/clips", {"video_urls": [SIGNED]}),
    ]


@pytest.mark.parametrize(
    ("listed", "kind"),
    [([], "missing"), ([{"video_id": "v1", "url": ""}], "conflict")],
)
def test_a_recording_that_is_not_in_the_store_is_not_ordered(listed, kind):
    error = error_of(reka.submit(Order(asset="v1")), answer({"results": listed}))
    assert error.kind == kind


# --- The rest -------------------------------------------------------------------------------------


def test_it_gets_a_fresh_address():
    (clip,) = play(reka, reka.poll(NUMBER), answer(DONE))[0].clips
    file, calls = play(reka, reka.refresh(NUMBER, clip.remote_id), answer(DONE))
    assert (file.url, calls[0].path) == (OUTPUT["video_url"], f"/v1/clips/{NUMBER}")
    assert play(reka, reka.refresh(NUMBER, "another"), answer(DONE))[0] is None
    gone = answer({"error": {"type": "not_found_error", "message": "No."}}, status=404)
    assert play(reka, reka.refresh(NUMBER, clip.remote_id), gone)[0] is None
    failed = answer(QUEUED | {"status": "failed"})
    assert play(reka, reka.refresh(NUMBER, clip.remote_id), failed)[0] is None


def test_a_job_that_went_back_has_not_lost_its_files():
    error = error_of(reka.refresh(NUMBER, "any"), answer(QUEUED))
    assert (error.code, error.retryable) == ("not_made", True)


@pytest.mark.parametrize(
    ("with_input", "body"), [(False, None), (True, {"delete_input_video": True})]
)
def test_it_deletes_a_job_with_or_without_its_recording(with_input, body):
    steps = reka.delete(NUMBER, with_input=with_input)
    _, calls = play(reka, steps, answer({"success": True}))
    assert (calls[0].method, calls[0].path) == ("DELETE", f"/v1/clips/{NUMBER}")
    assert calls[0].json == body


def test_deleting_what_is_gone_is_done():
    gone = answer({"error": {"type": "not_found_error", "message": "No."}}, status=404)
    assert play(reka, reka.delete(NUMBER), gone)[0] is None


def test_deleting_says_when_it_was_not_done():
    refused = answer({"error": {"type": "validation_error", "message": "No."}}, status=400)
    assert error_of(reka.delete(NUMBER), refused, answer(QUEUED)).kind == "conflict"
    assert error_of(reka.delete(NUMBER), refused, answer(DONE)).kind == "input"
    assert error_of(reka.delete(NUMBER), answer({}, status=409)).kind == "conflict"
    assert error_of(reka.delete(NUMBER), answer({"success": False})).code == "not_deleted"


def test_it_tests_a_key_without_spending():
    words, calls = play(reka, reka.greet(), answer({"items": []}))
    assert words == "The key is accepted."
    assert (calls[0].method, calls[0].path, calls[0].budget) == ("GET", "/v1/clips", "")
    refused = answer({"error": {"type": "authentication_error", "message": "No."}}, status=401)
    assert error_of(reka.greet(), refused).kind == "auth"
    assert error_of(reka.greet(), answer(b"<html>")).kind == "provider"

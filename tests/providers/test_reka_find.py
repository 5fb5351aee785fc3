"""What became of an order at Reka, found in its list of jobs."""

from __future__ import annotations

import pytest

from clipboard.providers.errors import ProviderError
from clipboard.providers.model import Order
from clipboard.providers.reka import MOST_LOOKED_AT, MOST_PAGES, PAGE, Reka
from tests.providers.recorded import answer, play
from tests.providers.recorded_reka import DONE, NUMBER, SOURCE

reka = Reka()


def error_of(steps, *answers):
    with pytest.raises(ProviderError) as caught:
        play(reka, steps, *answers)
    return caught.value


def listed(**changes):
    item = {name: DONE[name] for name in ("id", "status", "video_urls", "prompt")}
    return item | changes


def page(*items):
    return answer({"items": list(items)})


def test_it_looks_up_what_became_of_an_order():
    order = Order(address=SOURCE + "?e=2&k=b", options={"prompt": "The  goals"})
    ours = {"video_urls": [SOURCE + "?e=1&k=a"], "prompt": "the goals"}
    items = (
        listed(id="old", **ours),
        listed(id="other", prompt="something else"),
        listed(id="elsewhere", video_urls=["https://example.com/b.mp4"]),
        listed(id="new", **ours),
    )
    jobs, calls = play(
        reka,
        reka.find(order),
        page(*items),
        page(),
        answer(DONE | ours | {"created_at": "2024-01-15T10:30:00Z"}),
        answer(DONE | ours | {"created_at": "2024-01-16T10:30:00Z", "status": "processing"}),
    )
    assert [job.remote_id for job in jobs] == ["new", "old"]
    assert [job.state for job in jobs] == ["running", "succeeded"]
    assert [call.method for call in calls] == ["GET"] * 4
    assert [call.params for call in calls[:2]] == [
        {"offset": 0, "limit": 20},
        {"offset": 4, "limit": 20},
    ]


def test_an_order_without_a_prompt_has_the_default_one():
    jobs, _ = play(
        reka,
        reka.find(Order(address=SOURCE)),
        page(listed(), listed(id="b", prompt="mine")),
        page(),
        answer(DONE),
    )
    assert [job.remote_id for job in jobs] == [NUMBER]


def test_what_the_list_does_not_tell_is_looked_at():
    short = {"id": "a", "status": "queued"}
    jobs, calls = play(
        reka,
        reka.find(Order(address=SOURCE)),
        page(short, short | {"id": "b"}),
        page(),
        answer(DONE),
        answer(DONE | {"video_urls": ["https://example.com/b.mp4"]}),
    )
    assert [job.remote_id for job in jobs] == ["a"]
    assert [call.path for call in calls[2:]] == ["/v1/clips/a", "/v1/clips/b"]


def test_an_address_is_the_same_one_however_the_service_writes_it():
    """As servers do that read addresses as such and write them anew."""
    sent, told = (
        "https://Me.example/vidéo 1.mp4?x=a b",
        "https://me.example/vid%C3%A9o%201.mp4?x=a%20b",
    )
    item = {"video_urls": [told]}
    jobs, _ = play(
        reka,
        reka.find(Order(address=sent)),
        page(listed(**item)),
        page(),
        answer(DONE | item),
    )
    assert len(jobs) == 1


def test_an_order_that_is_not_listed_was_not_taken():
    jobs, calls = play(reka, reka.find(Order(address=SOURCE)), page())
    assert (jobs, len(calls)) == ([], 1)


@pytest.mark.parametrize("prompt", ["x", None])
def test_a_list_without_an_end_says_nothing(prompt):
    pages = [
        page(*(listed(id=f"{number}-{place}", prompt=prompt) for place in range(PAGE)))
        for number in range(MOST_PAGES)
    ]
    assert error_of(reka.find(Order(address=SOURCE)), *pages).code == "too_many"


def test_an_offset_that_is_not_heeded_says_nothing():
    same = [page(*(listed(id=str(place), prompt="x") for place in range(PAGE)))] * MOST_PAGES
    assert error_of(reka.find(Order(address=SOURCE)), *same).code == "too_many"


def test_a_list_that_grows_while_it_is_read_is_read_to_its_end():
    """What is new comes first, so that what was seen comes once more."""
    ours, pages = listed(id="ours"), [listed(id="a", prompt="x"), listed(id="b", prompt="x")]
    answers = page(*pages), page(*pages), page(ours), page()
    jobs, _ = play(reka, reka.find(Order(address=SOURCE)), *answers, answer(DONE))
    assert [job.remote_id for job in jobs] == ["ours"]


def test_more_jobs_than_can_be_looked_at_say_nothing():
    listed_ones = [listed(id=str(number)) for number in range(MOST_LOOKED_AT + 1)]
    error = error_of(reka.find(Order(address=SOURCE)), page(*listed_ones), page())
    assert error.code == "too_many"


def test_a_job_that_is_listed_and_not_shown_says_nothing():
    gone = answer({"type": "not_found_error"}, status=404)
    error = error_of(
        reka.find(Order(address=SOURCE)), page(listed()), page(), gone, page(listed()), page()
    )
    assert error.code == "not_shown"


def test_a_job_that_is_deleted_while_it_is_looked_for_is_not_found():
    gone = answer({"type": "not_found_error"}, status=404)
    jobs, _ = play(reka, reka.find(Order(address=SOURCE)), page(listed()), page(), gone, page())
    assert jobs == []


def test_a_list_that_is_none_says_nothing():
    assert error_of(reka.find(Order(address=SOURCE)), answer({"jobs": 3})).kind == "provider"

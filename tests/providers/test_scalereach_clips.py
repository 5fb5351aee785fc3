from __future__ import annotations

from datetime import UTC, datetime

import pytest

from clipboard.providers.errors import ProviderError
from clipboard.providers.model import Order
from tests.providers.recorded import answer, play
from tests.providers.recorded_scalereach import (
    CLIP,
    PAGE,
    TAKEN,
    WAITING,
    WORKSPACES,
    clip_list,
    raised,
    scalereach,
)


def test_it_lists_clips_by_the_services_own_filters():
    asked = {
        "minScore": 80.0,
        "maxScore": 99.5,
        "status": "completed",
        "favorited": True,
        "sortBy": "duration",
        "sortOrder": "asc",
    }
    clips, (call,) = play(scalereach, scalereach.clips("v", **asked), clip_list(CLIP))
    assert clips[0].remote_id == "clip_abc123"
    assert call.params == {
        "minScore": "80",
        "maxScore": "99.5",
        "status": "completed",
        "favorited": "true",
        "sortBy": "duration",
        "sortOrder": "asc",
    }


@pytest.mark.parametrize(
    "bad", [{"minScore": 101}, {"status": "done"}, {"favorited": "yes"}, {"limit": 3}]
)
def test_it_refuses_filters_that_the_service_would_ignore(bad):
    assert raised(scalereach.clips("v", **bad)).kind == "input"


@pytest.mark.parametrize(("theirs", "ours"), [(False, True), (True, False), (None, True)])
def test_it_toggles_a_favourite_that_differs(theirs, ours):
    listed = clip_list(WAITING, CLIP | {"favorited": theirs})
    toggled = answer({"message": "ok", "clip": CLIP | {"favorited": ours}})
    _, calls = play(scalereach, scalereach.favourite("v", "clip_abc123", on=ours), listed, toggled)
    assert (calls[1].method, calls[1].path) == ("POST", "/api/clips/clip_abc123/favorite")


@pytest.mark.parametrize("both", [True, False])
def test_it_leaves_a_favourite_that_is_the_same(both):
    listed = clip_list(CLIP | {"favorited": both})
    _, calls = play(scalereach, scalereach.favourite("v", "clip_abc123", on=both), listed)
    assert [call.method for call in calls] == ["GET"]


def test_a_favourite_that_went_wrong_may_be_tried_again():
    steps, listed = scalereach.favourite("v", "clip_abc123", on=True), clip_list(CLIP)
    assert raised(steps, listed, ProviderError("unknown", "Broken.")).retryable
    raced = answer({"message": "ok", "clip": CLIP})
    steps = scalereach.favourite("v", "clip_abc123", on=True)
    assert raised(steps, listed, raced).kind == "conflict"
    steps = scalereach.favourite("v", "gone", on=True)
    assert raised(steps, listed).kind == "missing"


def test_it_finds_the_videos_of_a_page_newest_first():
    short = {"id": "b", "status": "completed", "sourceUrl": "https://youtu.be/wVXAFlueS9Y?t=9"}
    videos = [
        TAKEN["video"],
        short | {"createdAt": "2026-04-04T00:00:00Z"},
        short | {"id": "c", "sourceUrl": "https://youtu.be/somethingelse"},
        {"id": "d", "sourceUrl": None},
    ]
    jobs, calls = play(
        scalereach, scalereach.find(Order(address=PAGE)), answer(WORKSPACES), answer(videos)
    )
    assert [job.remote_id for job in jobs] == ["b", "UThwmCZb75JYZi4UP9rOX"]
    assert jobs[1].created_at == datetime(2026, 4, 3, 9, 41, 50, 622000, tzinfo=UTC)
    assert calls[1].path == "/api/videos/my-videos"
    assert calls[1].params == {"workspaceId": "znrje9lkcidmmaiziti"}


def test_a_video_that_cannot_be_read_may_be_the_one():
    for odd in ([None], [["a"]], [{"sourceUrl": PAGE}], [TAKEN["video"], None]):
        error = raised(scalereach.find(Order(address=PAGE)), answer(WORKSPACES), answer(odd))
        assert error.kind == "provider"


def test_it_looks_in_the_chosen_workspace_or_wherever_the_key_leads():
    chosen = Order(address=PAGE, options={"workspaceId": "w1"})
    _, (call,) = play(scalereach, scalereach.find(chosen), answer([]))
    assert call.params == {"workspaceId": "w1"}
    gone = answer({"error": "Not found"}, status=404)
    jobs, calls = play(scalereach, scalereach.find(Order(address=PAGE)), gone, answer([]))
    assert (jobs, calls[1].params) == ([], None)


def test_what_it_could_not_look_through_is_no_proof_that_nothing_is_there():
    no = answer({"error": "You don't have access to this workspace"}, status=403)
    steps = scalereach.find(Order(address=PAGE))
    error = raised(steps, answer([*WORKSPACES, {"id": "w2"}]), answer([]), no)
    assert (error.kind, error.code) == ("provider", "workspace"), "no trouble of the account"
    steps = scalereach.find(Order(address=PAGE))
    assert raised(steps, answer(WORKSPACES), answer({"message": "?"})).kind == "provider"
    jobs, _ = play(
        scalereach,
        scalereach.find(Order(address=PAGE)),
        answer([{"id": "w2"}, *WORKSPACES]),
        no,
        answer([TAKEN["video"]]),
    )
    assert len(jobs) == 1


@pytest.mark.parametrize("odd", [None, {}, {"name": "Team"}, "w2"])
def test_a_workspace_that_cannot_be_told_may_be_the_one(odd):
    error = raised(scalereach.find(Order(address=PAGE)), answer([*WORKSPACES, odd]))
    assert (error.kind, error.code) == ("provider", "workspaces")


def test_a_video_that_every_workspace_lists_is_one():
    two, listed = answer([*WORKSPACES, {"id": "w2"}]), answer([TAKEN["video"]])
    jobs, _ = play(scalereach, scalereach.find(Order(address=PAGE)), two, listed, listed)
    assert len(jobs) == 1


def test_a_workspace_of_another_key_is_no_trouble_of_the_account():
    no = answer({"error": "You don't have access to this workspace"}, status=403)
    chosen = Order(address=PAGE, options={"workspaceId": "w2"})
    for order, kind in ((chosen, "input"), (Order(address=PAGE), "auth")):
        assert raised(scalereach.submit(order), no).kind == kind


def test_more_workspaces_than_it_looks_through_are_no_proof_either():
    many = [{"id": f"w{number}"} for number in range(11)]
    assert raised(scalereach.find(Order(address=PAGE)), answer(many)).kind == "provider"


def test_it_gets_fresh_addresses_by_listing_again():
    fresh = CLIP | {"downloadUrl": "https://cdn.scalereach.ai/clips/clip_abc123.mp4?signature=2"}
    file, (call,) = play(scalereach, scalereach.refresh("v", "clip_abc123"), clip_list(fresh))
    assert (file.url, call.path) == (fresh["downloadUrl"], "/api/videos/v/clips")
    gone = answer({"error": "Video not found"}, status=404)
    assert play(scalereach, scalereach.refresh("v", "clip_abc123"), gone)[0] is None
    assert play(scalereach, scalereach.refresh("v", "x"), clip_list(fresh))[0] is None
    failed = WAITING | {"status": "failed"}
    assert play(scalereach, scalereach.refresh("v", "clip_2"), clip_list(failed))[0] is None


def test_a_clip_that_is_rendered_anew_is_not_gone():
    """As an export at their own site does."""
    error = raised(scalereach.refresh("v", "clip_2"), clip_list(CLIP, WAITING))
    assert (error.code, error.retryable) == ("not_made", True)


def test_it_deletes_a_video_and_takes_gone_for_deleted():
    done = answer({"message": "Video deleted successfully"})
    _, (call,) = play(scalereach, scalereach.delete("a/b", with_input=True), done)
    assert (call.method, call.path) == ("DELETE", "/api/videos/a%2Fb")
    play(scalereach, scalereach.delete("v"), answer({"error": "Video not found"}, status=404))


def test_it_reads_what_is_left_of_the_limit(time_machine):
    time_machine.move_to(datetime.fromtimestamp(1_738_000_000, UTC), tick=False)
    told = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "7"}
    headers = told | {"X-RateLimit-Reset": "1738000060"}
    left = scalereach.allowance_from(answer({}, headers=headers))
    assert (left.limit, left.left, left.resets_in) == (100, 7, 60)
    assert scalereach.allowance_from(answer({})) is None


def test_it_tests_a_key_by_its_workspaces():
    words, (call,) = play(scalereach, scalereach.greet(), answer(WORKSPACES))
    assert words == "The key is accepted; it opens “My Workspace”."
    assert call.path == "/api/workspaces"
    assert raised(scalereach.greet(), answer({"error": "Unauthorized"}, status=401)).kind == "auth"
    closed = answer({"error": "Not found"}, status=404)
    words, calls = play(scalereach, scalereach.greet(), closed, answer([]))
    assert (words, calls[1].path) == ("The key is accepted.", "/api/videos/my-videos")


def test_a_server_that_is_not_theirs_proves_no_key():
    page, missing = answer(b"<html>"), answer(b"<html>", status=404)
    for said in ([page], [answer({})], [missing, missing], [missing, page], [missing, answer({})]):
        assert raised(scalereach.greet(), *said).kind in {"provider", "missing"}


def test_it_deletes_a_clip_alone():
    _, (call,) = play(scalereach, scalereach.delete_clip("v1", "a/b"), answer({"message": "Ok"}))
    assert (call.method, call.path) == ("DELETE", "/api/clips/a%2Fb")
    gone = answer({"error": "Clip not found"}, status=404)
    assert play(scalereach, scalereach.delete_clip("v1", "c1"), gone)[0] is None

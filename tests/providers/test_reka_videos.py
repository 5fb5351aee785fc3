from __future__ import annotations

import io
import socket
import threading
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings

from clipboard.providers.errors import ProviderError
from clipboard.providers.library import Upload
from clipboard.providers.outbound import open_client
from clipboard.providers.reka import Reka
from clipboard.providers.speak import Connection, carry_out
from tests.providers.internet import MB, SECRET
from tests.providers.internet import answer as raw_answer
from tests.providers.recorded import answer, any_json, play

reka = Reka()
videos = reka.library
NUMBER = "550e8400-e29b-41d4-a716-446655440000"
GROUP = "20f4bc2d-3ebe-4fd2-829f-9d88c79e8a37"
SIGNED = "https://b.s3.amazonaws.com/v.mp4?X-Amz-Date=20240115T103000Z&X-Amz-Expires=900"
VIDEO = {
    "video_id": NUMBER,
    "url": SIGNED,
    "indexing_status": "indexed",
    "metadata": {
        "width": 1920,
        "height": 1080,
        "avg_fps": 25,
        "video_name": "my_video.mp4",
        "title": None,
        "duration": 61.5,
        "thumbnail": "https://cdn.example.com/t.jpg",
    },
    "indexing_type": "qa_and_search",
    "group_id": GROUP,
}
TAKEN = {"video_id": NUMBER, "video_s3_url": None, "status": "upload_initiated"}


def error_of(steps, *answers):
    with pytest.raises(ProviderError) as caught:
        play(reka, steps, *answers)
    return caught.value


def look(**changes):
    (asset,) = play(reka, videos.look([NUMBER]), answer({"results": [VIDEO | changes]}))[0]
    return asset


# --- Upload ---------------------------------------------------------------------------------------


def test_it_uploads_a_file_with_all_that_is_known_of_it():
    file = io.BytesIO(b"video")
    upload = Upload(
        name="my_video.mp4",
        file=file,
        group=GROUP,
        recorded_at=datetime(2025, 4, 12, 19, 5, 45, tzinfo=UTC),
        wants_index=True,
        wants_thumbnails=True,
    )
    asset, (call,) = play(reka, videos.upload(upload), answer(TAKEN))

    assert (call.method, call.path, call.budget) == ("POST", "/videos/upload", "upload")
    assert call.files == {"file": ("my_video.mp4", file, "video/mp4")}
    assert call.data == {
        "video_name": "my_video.mp4",
        "index": "true",
        "group_id": GROUP,
        "video_absolute_start_timestamp": "2025-04-12T19:05:45Z",
        "enable_thumbnails": "true",
    }
    assert (asset.remote_id, asset.state, asset.word) == (NUMBER, "waiting", "upload_initiated")
    assert (asset.title, asset.group, asset.is_usable) == ("my_video.mp4", GROUP, False)


def test_it_has_an_address_fetched():
    page = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
    taken = answer(TAKEN | {"status": "download_initiated"})
    _, (call,) = play(reka, videos.upload(Upload(name="a", address=page)), taken)
    assert call.data == {"video_name": "a", "index": "false", "video_url": page}
    assert call.files is None


def test_an_upload_is_either_a_file_or_an_address():
    assert error_of(videos.upload(Upload(name="a"))).kind == "input"
    both = Upload(name="a", file=io.BytesIO(b""), address="https://example.com/a.mp4")
    assert error_of(videos.upload(both)).kind == "input"


@pytest.mark.parametrize(
    "said", [answer({"status": "upload_initiated"}), answer(b"?"), answer(b"?", status=504)]
)
def test_an_upload_that_may_have_arrived_is_an_unknown_outcome(said):
    upload = Upload(name="a", address="https://example.com/a.mp4")
    assert error_of(videos.upload(upload), said).kind == "unknown"


def test_what_became_of_an_upload_is_found_by_its_name():
    listed = {"results": [VIDEO, VIDEO | {"video_id": "b", "metadata": {"video_name": "other"}}]}
    found, (call,) = play(reka, videos.find("my_video.mp4"), answer(listed))
    assert [asset.remote_id for asset in found] == [NUMBER]
    assert (call.method, call.path, call.json) == ("POST", "/videos/get", None)


class Watched(io.FileIO):
    """A large file that is only read to its end while the other side already receives."""

    def __init__(self, path, received):
        super().__init__(path)
        self.received = received
        self.pieces = []

    def read(self, size=-1):
        if self.tell() >= 8 * MB:
            assert self.received.wait(10), "read whole before anything was sent"
        piece = super().read(size)
        self.pieces.append(len(piece))
        return piece


def test_a_file_goes_from_the_disk_to_the_wire_in_pieces(serve, tmp_path):
    received, bodies = threading.Event(), []

    def take(connection: socket.socket, request: bytes) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        received.set()
        left, start, end = length - len(body), body, b""
        while left:
            piece = connection.recv(min(left, MB))
            assert piece
            left, start, end = left - len(piece), (start + piece)[:4000], (end + piece)[-200:]
        bodies.append((head, start, length, end))
        connection.sendall(raw_answer(b'{"video_id": "v1"}'))

    server = serve(take)
    path = tmp_path / "talk.mp4"
    with path.open("wb") as out:
        out.write(b"begin")
        out.truncate(12 * MB)
        out.seek(12 * MB - 3)
        out.write(b"end")
    connection = Connection(reka, base_url=server.url(""), key=SECRET)
    with Watched(path, received) as file, open_client() as client:
        upload = Upload(name="talk.mp4", file=file, group=GROUP)
        asset = carry_out(videos.upload(upload), connection, client)

    ((head, start, length, end),) = bodies
    assert asset.remote_id == "v1"
    assert head.startswith(b"POST /videos/upload ")
    assert b"multipart/form-data; boundary=" in head
    assert f"x-api-key: {SECRET}".encode() in head.lower()
    assert b'name="index"\r\n\r\nfalse\r\n' in start
    assert b'filename="talk.mp4"' in start
    assert b"end\r\n--" in end
    assert 12 * MB < length < 12 * MB + 2000
    assert max(file.pieces) <= 64 * 1024
    assert sum(file.pieces) == 12 * MB


# --- Look -----------------------------------------------------------------------------------------


def test_it_reads_a_video():
    asset = look()
    assert (asset.remote_id, asset.state, asset.word) == (NUMBER, "ready", "indexed")
    assert (asset.title, asset.group, asset.duration) == ("my_video.mp4", GROUP, 61.5)
    assert (asset.width, asset.height) == (1920, 1080)
    assert asset.file.url == SIGNED
    assert asset.file.expires_at == datetime(2024, 1, 15, 10, 45, tzinfo=UTC)
    assert asset.poster.url == "https://cdn.example.com/t.jpg"
    assert asset.is_usable


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"indexing_status": "pending"}, "waiting"),
        ({"indexing_status": "indexing"}, "indexing"),
        ({"indexing_status": None}, "waiting"),
        ({"indexing_status": "dreaming"}, "waiting"),
        ({"indexing_status": None, "status": "download_failed"}, "failed"),
        ({"indexing_status": "failed"}, "failed"),
    ],
)
def test_it_reads_the_state_of_the_index(change, state):
    asset = look(**change)
    assert asset.state == state
    assert bool(asset.failure) == (state == "failed")


def test_a_video_in_the_default_group_is_in_none():
    assert look(group_id="default").group == "" == look(group_id=None).group


@pytest.mark.parametrize("envelope", [{"results": [VIDEO]}, {"videos": [VIDEO]}, [VIDEO]])
def test_it_knows_every_envelope(envelope):
    assets, (call,) = play(reka, videos.look([NUMBER, "gone"]), answer(envelope))
    assert [asset.remote_id for asset in assets] == [NUMBER]
    assert (call.method, call.path) == ("POST", "/videos/get")
    assert call.json == {"video_ids": [NUMBER, "gone"]}


def test_it_lists_all_videos():
    listed = [VIDEO, VIDEO | {"video_id": "b"}, {"video_id": None}, 3]
    assets, (call,) = play(reka, videos.browse(), answer({"results": listed}))
    assert [asset.remote_id for asset in assets] == [NUMBER, "b"]
    assert (call.path, call.json) == ("/videos/get", None)


def test_it_gets_a_fresh_address():
    assert play(reka, videos.refresh(NUMBER), answer([VIDEO]))[0].url == SIGNED
    assert play(reka, videos.refresh(NUMBER), answer([]))[0] is None
    gone = answer({"error": {"type": "not_found_error", "message": "No."}}, status=404)
    assert play(reka, videos.refresh(NUMBER), gone)[0] is None


def test_a_question_without_an_answer_may_be_asked_again():
    broken = ProviderError("unknown", "It may have been carried out.", code="broken")
    error = error_of(videos.look([NUMBER]), broken)
    assert (error.kind, error.retryable, error.code) == ("network", True, "broken")


# --- Delete and groups ----------------------------------------------------------------------------


def test_it_deletes_videos():
    done = {"status": "success", "message": "Videos deleted successfully"}
    _, (call,) = play(reka, videos.delete([NUMBER]), answer(done))
    assert (call.method, call.path) == ("DELETE", "/videos/delete")
    assert call.json == {"video_ids": [NUMBER]}
    assert error_of(videos.delete([NUMBER]), answer({"status": "error"})).code == "not_deleted"
    gone = answer({"error": {"type": "not_found_error", "message": "No."}}, status=404)
    assert play(reka, videos.delete([NUMBER]), gone)[0] is None


def test_it_keeps_groups():
    group = {"group_id": GROUP, "name": "Talks", "metadata": {}, "created_at": None}
    path = f"/v1/videos/groups/{GROUP}"

    made, (call,) = play(reka, videos.create_group("Talks"), answer(group))
    assert (made.remote_id, made.name) == (GROUP, "Talks")
    assert (call.method, call.path, call.json) == ("POST", "/v1/videos/groups", {"name": "Talks"})

    listed, (call,) = play(reka, videos.groups(), answer({"results": [group, {}]}))
    assert (listed, call.method) == ([made], "GET")

    named, (call,) = play(reka, videos.rename_group(GROUP, "New"), answer(group | {"name": "New"}))
    assert (named.name, call.method, call.path) == ("New", "PATCH", path)
    assert call.json == {"name": "New"}

    moved = answer({"status": "success", "moved_count": 1, "group_id": GROUP})
    count, (call,) = play(reka, videos.move([NUMBER, "b"], GROUP), moved)
    assert (count, call.method, call.path) == (1, "POST", f"{path}/videos")
    assert call.json == {"video_ids": [NUMBER, "b"]}
    _, (call,) = play(reka, videos.move([NUMBER], ""), answer({}))
    assert call.path == "/v1/videos/groups/default/videos"

    _, (call,) = play(reka, videos.delete_group(GROUP), answer({"status": "success"}))
    assert (call.method, call.path) == ("DELETE", path)


def test_a_group_without_a_number_is_an_unknown_outcome():
    assert error_of(videos.create_group("Talks"), answer({"name": "Talks"})).kind == "unknown"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_json(*VIDEO, *VIDEO["metadata"], "results", "videos", "status", "name", "moved_count"))
def test_any_answer_is_survived(body):
    for steps in (
        videos.upload(Upload(name="a", address="https://example.com/a.mp4")),
        videos.look([NUMBER]),
        videos.browse(),
        videos.find("a"),
        videos.refresh(NUMBER),
        videos.delete([NUMBER]),
        videos.groups(),
        videos.create_group("a"),
        videos.rename_group(GROUP, "a"),
        videos.move([NUMBER], GROUP),
    ):
        with suppress(ProviderError):
            play(reka, steps, answer(body))
    with suppress(ProviderError):
        look(metadata=body, url=body, group_id=body, error=body)

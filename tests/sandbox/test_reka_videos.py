"""Reka's store of videos as we play it."""

from __future__ import annotations

import io
import json

import httpx
import pytest

from clipboard.providers.library import Upload
from clipboard.providers.model import Order
from clipboard.providers.registry import PROVIDERS

reka = PROVIDERS["reka"]
videos = reka.library
KEY = "reka-0123456789"
HEADERS = {"X-Api-Key": KEY}
TALK = "https://me.example/talk.mp4"


@pytest.fixture
def ask(asking):
    return asking("reka", KEY)


@pytest.fixture
def upload(ask, sample):
    def up(name="talk.mp4", **more):
        with sample.open("rb") as file:
            return ask(videos.upload(Upload(name=name, file=file, **more)))

    return up


def test_it_keeps_and_indexes_a_file(ask, upload, clock, sample):
    asset = upload(wants_index=True)
    assert ask(videos.look([asset.remote_id]))[0].word == "pending"
    clock.skip(3)
    assert ask(videos.look([asset.remote_id]))[0].state == "indexing"
    clock.skip(4)

    (there,) = ask(videos.browse())

    assert (there.state, there.title) == ("ready", "talk.mp4")
    assert (there.width, there.height) == (320, 180)
    assert httpx.get(there.file.url, timeout=60).content == sample.read_bytes()


def test_it_fetches_an_address(ask, clock):
    asset = ask(videos.upload(Upload(name="talk", address=TALK)))
    assert asset.word == "download_initiated"
    assert not ask(videos.look([asset.remote_id]))[0].is_usable
    clock.skip(60)
    (there,) = ask(videos.look([asset.remote_id]))
    assert (there.is_usable, there.word) == (True, "pending"), "it was not to be indexed"
    lost = ask(videos.upload(Upload(name="x", address="https://me.example/missing.mp4")))
    clock.skip(2)
    assert ask(videos.look([lost.remote_id]))[0].state == "failed"


def test_an_upload_feeds_a_job_and_goes_with_it(ask, upload, clock):
    asset = upload().remote_id
    job = ask(reka.submit(Order(asset=asset))).remote_id
    clock.skip(10)
    clips = ask(reka.poll(job)).clips
    assert b"ftyp" in httpx.get(clips[0].file.url, timeout=60).content[:16]
    ask(reka.delete(job, with_input=True))
    assert ask(videos.browse()) == []


def test_an_address_that_ran_out_is_renewed(ask, upload, clock, sample):
    asset = upload().remote_id
    old = ask(videos.look([asset]))[0].file.url
    clock.skip(3601)
    assert httpx.get(old, timeout=60).status_code == 403
    assert httpx.get(ask(videos.refresh(asset)).url, timeout=60).content == sample.read_bytes()
    assert ask(videos.refresh("unknown")) is None


def test_it_deletes_what_is_there_and_passes_over_the_rest(ask, upload):
    one, two = upload().remote_id, upload().remote_id
    ask(videos.delete([one, "unknown"]))
    assert [asset.remote_id for asset in ask(videos.browse())] == [two]


def test_groups_hold_videos_and_leave_them(ask, upload):
    group = ask(videos.create_group("Talks"))
    asset = upload(group=group.remote_id).remote_id
    assert ask(videos.look([asset]))[0].group == group.remote_id
    assert ask(videos.rename_group(group.remote_id, "All")).name == "All"
    assert [(each.remote_id, each.name) for each in ask(videos.groups())] == [
        (group.remote_id, "All")
    ]
    assert ask(videos.move([asset, "unknown"], "")) == 1
    assert ask(videos.look([asset]))[0].group == ""
    ask(videos.move([asset], group.remote_id))
    ask(videos.delete_group(group.remote_id))
    assert ask(videos.groups()) == []
    assert ask(videos.look([asset]))[0].group == ""
    ask(videos.delete_group(group.remote_id))


def test_a_group_that_is_not_there_is_refused(ask, refused):
    wanted = Upload(name="x", address=TALK, group="unknown")
    assert refused(ask, videos.upload(wanted)).kind == "missing"
    assert refused(ask, videos.move([], "unknown")).kind == "missing"


@pytest.mark.parametrize("encoding", ["json", "data"])
def test_the_paths_of_both_versions_and_both_encodings_work(sandbox, encoding):
    url = sandbox.base_url("reka")
    with httpx.Client(headers=HEADERS) as client:
        form = {"video_url": TALK, "video_name": "vid16", "index": "True"}
        ids = [client.post(f"{url}{path}/videos/upload", data=form).json()["video_id"]
               for path in ("", "/v1", "/v1")]  # fmt: skip
        wanted = {"video_ids": ids[:2]}
        got = client.post(f"{url}/videos/get", **{encoding: wanted}).json()["results"]
        assert {video["video_id"] for video in got} == set(ids[:2])
        assert len(client.post(f"{url}/videos/get").json()["results"]) == 3
        assert len(client.get(f"{url}/v1/videos").json()["results"]) == 3
        some = client.get(f"{url}/v1/videos", params={"ids": ids[1:]}).json()["results"]
        assert {video["video_id"] for video in some} == set(ids[1:])
        assert client.get(f"{url}/v1/videos/{ids[0]}").json()["group_id"] == "default"
        client.request("DELETE", f"{url}/videos/delete", **{encoding: wanted})
        client.delete(f"{url}/v1/videos/{ids[2]}")
        assert client.get(f"{url}/v1/videos").json() == {"results": []}
        assert client.delete(f"{url}/v1/videos/{ids[2]}").status_code == 404


def as_form(fields):
    return {"data": fields}


def as_multipart(fields):
    pairs = [(name, one) for name, given in fields.items()
             for one in (given if isinstance(given, list) else [given])]  # fmt: skip
    return {"files": [(name, (None, one)) for name, one in pairs]}


@pytest.mark.parametrize("encoded", [as_form, as_multipart])
@pytest.mark.parametrize("written", [list, ",".join, json.dumps], ids=["twice", "commas", "JSON"])
def test_lists_in_forms_are_taken_in_all_three_ways(sandbox, encoded, written):
    url = sandbox.base_url("reka")
    with httpx.Client(headers=HEADERS) as client:
        form = {"video_url": TALK, "index": "true"}
        ids = [client.post(f"{url}/videos/upload", **encoded(form)).json()["video_id"]
               for _ in range(3)]  # fmt: skip
        wanted = encoded({"video_ids": written(ids[:2])})
        got = client.post(f"{url}/videos/get", **wanted).json()["results"]
        assert {video["video_id"] for video in got} == set(ids[:2])
        client.request("DELETE", f"{url}/videos/delete", **wanted)
        (left,) = client.post(f"{url}/videos/get").json()["results"]
        assert left["video_id"] == ids[2]


def test_a_key_may_be_a_bearers_however_that_is_written(sandbox):
    """One key has one world, whichever way it is sent."""
    url = f"{sandbox.base_url('reka')}/videos"
    httpx.post(f"{url}/upload", data={"video_url": TALK, "index": "true"}, headers=HEADERS)
    for scheme in ("Bearer", "bearer", "BEARER"):
        key = {"authorization": f"{scheme} {KEY}"}
        assert len(httpx.post(f"{url}/get", headers=key).json()["results"]) == 1
    refused = {"authorization": f"Basic {KEY}"}
    assert httpx.post(f"{url}/get", headers=refused).status_code == 401


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ({"index": "true"}, "file"),
        ({"video_url": TALK}, "index"),
        ({"video_url": "ftp://me.example", "index": "true"}, "video_url"),
    ],
)
def test_it_refuses_uploads_that_lack_something(sandbox, form, param):
    url = f"{sandbox.base_url('reka')}/videos/upload"
    answer = httpx.post(url, data=form, headers=HEADERS)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_it_takes_a_file_as_command_line_clients_send_it(sandbox):
    """A multipart form, its truth values as Python or a shell writes them."""
    url = f"{sandbox.base_url('reka')}/videos/upload"
    content = bytes(range(256)) * 40 + b"\r\n--almost\r\n\r\n"
    files = {"file": ("video.mp4", io.BytesIO(content), "video/mp4")}
    data = {"video_name": "vid16", "index": "False", "enable_thumbnails": "False"}
    video_id = httpx.post(url, data=data, files=files, headers=HEADERS).json()["video_id"]
    (found,) = httpx.post(
        f"{sandbox.base_url('reka')}/videos/get", json={"video_ids": [video_id]}, headers=HEADERS
    ).json()["results"]
    assert httpx.get(found["url"], timeout=60).content == content
    assert found["metadata"]["duration"] is None


def test_the_second_version_uploads_without_an_index_and_renames(sandbox):
    with httpx.Client(base_url=sandbox.base_url("reka"), headers=HEADERS) as client:
        made = client.post("/v2/videos", data={"video_url": TALK, "video_name": "one"})
        assert (made.status_code, made.json()["status"]) == (202, "uploading")
        path = f"/v2/videos/{made.json()['video_id']}"
        group = client.post("/v2/video-groups", json={"name": "Talks"}).json()["group_id"]
        changed = client.patch(path, json={"name": "two", "group_id": group}).json()
        assert (changed["metadata"]["video_name"], changed["group_id"]) == ("two", group)
        assert client.patch(path, json={"group_id": "unknown"}).status_code == 404
        changed = client.patch(path, json={"group_id": None, "title": "Two"}).json()
        assert (changed["metadata"]["title"], changed["group_id"]) == ("Two", "default")
        assert changed["metadata"]["video_name"] == "two"
        assert client.get("/v2/videos").json()["results"][0]["indexing_status"] == "pending"
        assert client.delete(path).status_code == 200
        assert client.get(path).status_code == 404

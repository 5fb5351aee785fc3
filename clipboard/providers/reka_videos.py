"""Reka's own store of videos: upload, look, delete, and groups.

Contract: docs.reka.ai, Vision (Video Management, in its first version without a number in the
path); groups as in version 1 of its OpenAPI document, the first that has them. Not public, and
assumed: the envelope of /videos/get, how long presigned addresses last, how long it is silent over
a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from clipboard.providers.answer import Answer
from clipboard.providers.errors import SENTENCES, ProviderError, unsure
from clipboard.providers.library import AssetState, Library, RemoteAsset, RemoteGroup, Upload
from clipboard.providers.model import Failure, RemoteFile
from clipboard.providers.port import Call, Steps
from clipboard.providers.reading import (
    MOST_ITEMS,
    identity,
    number,
    record,
    records,
    sentence,
    text,
    web_address,
)
from clipboard.providers.reka_answers import file_at, nonsense

STATES: dict[str, AssetState] = {
    "indexing": "indexing",
    "indexed": "ready",
    "failed": "failed",
    "index_failed": "failed",
    "upload_failed": "failed",
    "download_failed": "failed",
}
ENVELOPES = ("results", "videos")
NO_GROUP = "default"
FILE_SECONDS = 2 * 3600.0
INDEX_FAILED = "Reka could not index it; it may have to be uploaded again."


class RekaVideos(Library):
    uploads_at_once = 2
    silence = 600
    has_groups = True

    def upload(self, upload: Upload) -> Steps[RemoteAsset]:
        """As a multipart form with the file in it; without one, as a plain form."""
        if (upload.file is None) == (not upload.address):
            raise ProviderError("input", "Give Reka either a file or an address.", code="upload")
        file = upload.file and {"file": (upload.name, upload.file, upload.content_type)}
        call = Call(
            "POST",
            "/videos/upload",
            budget="upload",
            data=form_of(upload),
            files=file,
            deadline=FILE_SECONDS if file else 60,
        )
        try:
            answer = yield call
        except ProviderError as error:
            raise unsure(error) from None
        body = record(answer.json_or_none())
        if not identity(body.get("video_id")):
            raise ProviderError("unknown", "Reka took the recording but gave no number for it.")
        return asset_from({"title": upload.name, "group_id": upload.group} | body)

    def look(self, asset_ids: Sequence[str]) -> Steps[list[RemoteAsset]]:
        answer = yield from asked(Call("POST", "/videos/get", json={"video_ids": list(asset_ids)}))
        return [asset for asset in assets_in(answer.json()) if asset.remote_id in asset_ids]

    def browse(self) -> Steps[list[RemoteAsset]]:
        answer = yield from asked(Call("POST", "/videos/get"))
        return assets_in(answer.json())

    def find(self, name: str) -> Steps[list[RemoteAsset]]:
        """Raises ProviderError where there is none in a list too long to be read whole: it would
        say that nothing arrived."""
        assets = yield from self.browse()
        found = [asset for asset in assets if asset.title == text(name, most=500)]
        if not found and len(assets) >= MOST_ITEMS:
            raise ProviderError(
                "provider", "Reka lists more videos than can be looked through.", code="too_many"
            )
        return found

    def refresh(self, asset_id: str) -> Steps[RemoteFile | None]:
        try:
            assets = yield from self.look([asset_id])
        except ProviderError as error:
            if error.kind == "missing":
                return None
            raise
        return assets[0].file if assets else None

    def delete(self, asset_ids: Sequence[str]) -> Steps[None]:
        yield from deleted(Call("DELETE", "/videos/delete", json={"video_ids": list(asset_ids)}))

    def groups(self) -> Steps[list[RemoteGroup]]:
        answer = yield Call("GET", "/v1/videos/groups")
        listed = items_in(answer.json(), ("results", "groups"))
        return [group for item in listed if (group := group_from(item)).remote_id]

    def create_group(self, name: str) -> Steps[RemoteGroup]:
        try:
            answer = yield Call("POST", "/v1/videos/groups", json={"name": name})
        except ProviderError as error:
            raise unsure(error) from None
        group = group_from(record(answer.json_or_none()), name=name)
        if not group.remote_id:
            raise ProviderError("unknown", "Reka made the group but gave no number for it.")
        return group

    def rename_group(self, group_id: str, name: str) -> Steps[RemoteGroup]:
        path = f"/v1/videos/groups/{quote(group_id, '')}"
        answer = yield from asked(Call("PATCH", path, json={"name": name}))
        return group_from(record(answer.json_or_none()) | {"group_id": group_id}, name=name)

    def delete_group(self, group_id: str) -> Steps[None]:
        yield from deleted(Call("DELETE", f"/v1/videos/groups/{quote(group_id, '')}"))

    def move(self, asset_ids: Sequence[str], group_id: str) -> Steps[int]:
        path = f"/v1/videos/groups/{quote(group_id or NO_GROUP, '')}/videos"
        answer = yield from asked(Call("POST", path, json={"video_ids": list(asset_ids)}))
        moved = number(record(answer.json_or_none()).get("moved_count"), least=0)
        return len(asset_ids) if moved is None else int(moved)


def form_of(upload: Upload) -> dict[str, str]:
    """
    >>> form_of(Upload(name="talk.mp4", address="https://me.example/talk.mp4"))
    {'video_name': 'talk.mp4', 'index': 'false', 'video_url': 'https://me.example/talk.mp4'}
    """
    form = {"video_name": upload.name, "index": "true" if upload.wants_index else "false"}
    if upload.address:
        form["video_url"] = upload.address
    if upload.group:
        form["group_id"] = upload.group
    if upload.recorded_at:
        form["video_absolute_start_timestamp"] = iso(upload.recorded_at)
    if upload.wants_thumbnails:
        form["enable_thumbnails"] = "true"
    return form


def iso(when: datetime) -> str:
    """In UTC, to the second.

    >>> iso(datetime.fromisoformat("2025-04-12T21:05:45+02:00"))
    '2025-04-12T19:05:45Z'
    """
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def asked(call: Call) -> Steps[Answer]:
    """For what may be done twice though it is sent as POST or PATCH: no answer, no harm."""
    try:
        return (yield call)
    except ProviderError as error:
        if error.kind != "unknown":
            raise
        raise ProviderError("network", SENTENCES["network"], code=error.code) from None


def deleted(call: Call) -> Steps[None]:
    """What isn't there needn't be deleted. Raises ProviderError where the answer says it failed."""
    try:
        answer = yield call
    except ProviderError as error:
        if error.kind == "missing":
            return
        raise
    body = record(answer.json_or_none())
    if text(body.get("status")).lower() in {"error", "failed", "failure"}:
        fault = ProviderError("provider", SENTENCES["provider"], code="not_deleted")
        raise fault.described(said=text(body.get("message"), most=300))


def assets_in(said: Any) -> list[RemoteAsset]:
    found = map(asset_from, items_in(said, ENVELOPES))
    return [asset for asset in found if asset.remote_id]


def items_in(said: Any, envelopes: tuple[str, ...]) -> list[dict[str, Any]]:
    """The list itself, or under one of these names. Raises ProviderError where there is none: what
    isn't understood mustn't look like nothing."""
    body = record(said)
    lists = [said, *(body.get(name) for name in envelopes)]
    for found in lists:
        if isinstance(found, list):
            return records(found)
    raise nonsense()


def asset_from(body: dict[str, Any]) -> RemoteAsset:
    """A video; its status is in `indexing_status`, in some versions in `status`."""
    about = record(body.get("metadata"))
    word = text(body.get("indexing_status"), most=40) or text(body.get("status"), most=40)
    state = STATES.get(word.lower(), "waiting")
    titles = (about.get("video_name"), about.get("title"), body.get("title"))
    group = identity(body.get("group_id"))
    return RemoteAsset(
        remote_id=identity(body.get("video_id")),
        state=state,
        word=word,
        title=next((found for title in titles if (found := text(title, most=500))), ""),
        group="" if group == NO_GROUP else group,
        duration=number(about.get("duration"), least=0),
        width=pixels(about.get("width")),
        height=pixels(about.get("height")),
        file=file_at(web_address(body.get("url"))),
        poster=file_at(web_address(about.get("thumbnail"))),
        failure=failure_from(body) if state == "failed" else None,
        raw=body,
    )


def failure_from(body: dict[str, Any]) -> Failure:
    said = sentence(body.get("error_message")) or sentence(body.get("error"))
    return Failure(message=said or INDEX_FAILED)


def pixels(value: Any) -> int | None:
    found = number(value, least=1, most=100_000)
    return None if found is None else int(found)


def group_from(body: dict[str, Any], *, name: str = "") -> RemoteGroup:
    named = text(body.get("name"), most=500) or name
    return RemoteGroup(remote_id=identity(body.get("group_id")), name=named)

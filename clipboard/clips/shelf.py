"""What lies in a provider's own store, and what a person does there.

A person waits for it, so that nothing is waited for long, and few may wait at once: the web's
threads are for everybody.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import BoundedSemaphore
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from clipboard.clips.models import Account, RemoteCopy, Source, copy_of
from clipboard.clips.spend import KEY_LOST, charge, heed, why_not
from clipboard.lib.seal import CannotOpen
from clipboard.lib.wording import listing, plural, span
from clipboard.providers.errors import ProviderError
from clipboard.providers.library import Library, RemoteAsset, RemoteGroup, Upload
from clipboard.providers.port import Steps
from clipboard.providers.speak import carry_out_alone

T = TypeVar("T")

PATIENCE = 8.0  # seconds for each request
AT_ONCE = 6
MOST_SHOWN = 200
MOST_SENT = 100
NO_GROUP = "-"
places = BoundedSemaphore(AT_ONCE)


class Refused(Exception):
    """It was not done, or nobody knows whether; the text says why, for a person."""


@dataclass
class Shelf:
    """`problem` says why nothing is known of it."""

    account: Account
    videos: list[RemoteAsset] = field(default_factory=list)
    groups: list[RemoteGroup] = field(default_factory=list)
    problem: str = ""

    def in_group(self, group: str) -> list[RemoteAsset]:
        """Those of that group; of none for NO_GROUP; all for ""."""
        if not group:
            return self.videos
        wanted = "" if group == NO_GROUP else group
        return [video for video in self.videos if video.group == wanted]

    def name_of(self, group: str) -> str:
        return next((one.name for one in self.groups if one.remote_id == group), "")

    def titles(self, ids: Sequence[str]) -> list[str]:
        return [video.title or video.remote_id for video in self.videos if video.remote_id in ids]

    def ours(self) -> dict[str, Source]:
        """Our recordings, by their number there."""
        copies = self.account.copies.exclude(remote_id="").exclude(source=None)
        rows = copies.with_source()
        return {copy.remote_id: copy.source for copy in rows if copy.source}


def library_of(account: Account) -> Library:
    library = account.adapter.library
    if library is None:
        raise Refused(f"{account.title} keeps no recordings.")
    return library


def ask(account: Account, steps: Steps[T]) -> T:
    """Raises Refused."""
    if account.is_disabled or account.trouble:
        raise Refused(why_not(account))
    if not places.acquire(blocking=False):
        raise Refused(BUSY)
    try:
        spend = partial(charge, account)
        return carry_out_alone(steps, account.connection(), charge=spend, hurry=PATIENCE)
    except CannotOpen:
        raise Refused(KEY_LOST) from None
    except ProviderError as error:
        heed(account, error)
        raise Refused(in_words(error)) from None
    finally:
        places.release()


def in_words(error: ProviderError) -> str:
    if error.kind == "unknown":
        return f"{error.message} {LOOK_FIRST}"
    if error.retry_after:
        return f"{error.message} Try again in {span(error.retry_after)}."
    return error.message


def look(account: Account) -> Shelf:
    library, shelf = library_of(account), Shelf(account)
    try:
        shelf.videos = ask(account, library.browse())
        shelf.groups = ask(account, library.groups()) if library.has_groups else []
    except Refused as refusal:
        shelf.problem = str(refusal)
    return shelf


# --- What is done there, each told in a sentence; raises Refused ----------------------------------


def add(account: Account, *, address: str, title: str, **wanted: Any) -> str:
    """By the address of a public file, which the provider fetches itself; `wanted` as in Upload."""
    name = title or name_in(address)
    ask(account, library_of(account).upload(Upload(name=name, address=address, **wanted)))
    return f"{account.title} fetches “{name}” now; that may take minutes."


def send(account: Account, sources: Sequence[Source]) -> str:
    """The recordings' own files; workers bring them there, a few at a time, and each once however
    often it is asked for."""
    copies = {copy_of(source, account): source.title for source in sources}
    there = {copy: title for copy, title in copies.items() if is_there(copy, account)}
    coming = {copy: title for copy, title in copies.items() if copy not in there}
    for copy in coming:
        copy.forget()
        copy.send_there()
    to = f"uploaded to {account.title} in the background."
    words = [told(coming.values(), f"is {to}", f"are {to}"), told(there.values(), LIES, LIE)]
    return " ".join(filter(None, words))


def told(titles: Collection[str], one: str, many: str) -> str:
    """
    >>> told(["Talk"], "is here.", "are here."), told(["A", "B"], "is here.", "are here.")
    ('“Talk” is here.', '2 recordings are here.')
    """
    if len(titles) > 1:
        return f"{plural(len(titles), 'recording')} {many}"
    return "".join(f"“{title}” {one}" for title in titles)


def is_there(copy: RemoteCopy, account: Account) -> bool:
    return copy.is_ready and bool(ask(account, library_of(account).look([copy.remote_id])))


def delete(account: Account, ids: Sequence[str]) -> str:
    """What is still listed after that is told of, not hoped away."""
    library = library_of(account)
    ask(account, library.delete(ids))
    left = ask(account, library.look(ids))
    gone = [remote_id for remote_id in ids if remote_id not in {video.remote_id for video in left}]
    for copy in RemoteCopy.objects.filter(account=account, remote_id__in=gone):
        copy.forget()
    if left:
        names = listing([video.title or video.remote_id for video in left[:3]])
        raise Refused(f"{account.title} took the request, but still lists {names}.")
    return f"{plural(len(ids), 'video')} deleted at {account.title}."


def move(account: Account, ids: Sequence[str], group: RemoteGroup | None) -> str:
    moved = ask(account, library_of(account).move(ids, group.remote_id if group else ""))
    where = f"to “{group.name}”" if group else "out of their groups"
    if moved < len(ids):
        raise Refused(f"{account.title} moved {moved} of {len(ids)} {where}.")
    return f"{plural(moved, 'video')} moved {where}."


def create_group(account: Account, name: str) -> str:
    return f"The group “{ask(account, library_of(account).create_group(name)).name}” is there."


def rename_group(account: Account, group: RemoteGroup, name: str) -> str:
    ask(account, library_of(account).rename_group(group.remote_id, name))
    return f"The group “{group.name}” is called “{name}” now."


def delete_group(account: Account, group: RemoteGroup) -> str:
    ask(account, library_of(account).delete_group(group.remote_id))
    return f"The group “{group.name}” is deleted; what lay in it stays."


# --- What can be sent, and what is on its way -----------------------------------------------------


def to_send(account: Account) -> list[Source]:
    """The team's recordings that are not there yet, newest first."""
    there = account.copies.filter(state=RemoteCopy.State.READY).values("sha256")
    sources = Source.objects.of(account.team_id).without_long()
    ready = sources.filter(state=Source.State.READY).exclude(file="")
    return list(ready.exclude(sha256__in=there).order_by("-pk")[:MOST_SENT])


def coming(account: Account) -> list[Any]:
    rows = RemoteCopy.objects.filter(account=account).coming()
    return list(rows.with_source().select_related("account").order_by("-pk")[:MOST_SENT])


def name_in(address: str) -> str:
    """
    >>> name_in("https://me.example/talks/The%20sea.mp4?x=1"), name_in("https://me.example/")
    ('The sea.mp4', 'me.example')
    """
    parts = urlsplit(address)
    return unquote(parts.path.rstrip("/").rpartition("/")[2]) or str(parts.hostname)


BUSY = "Too many people look into stores at providers at the moment; try again in a few seconds."
LIES, LIE = "lies there already.", "lie there already."
LOOK_FIRST = "Look whether it is listed before you try again."

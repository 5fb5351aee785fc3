"""A service's own store: recordings put there before any job, and the groups they lie in.

An adapter whose service has one names it as its `library`; its verbs are steps as in `port.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Literal

from clipboard.providers.model import Failure, RemoteFile

if TYPE_CHECKING:
    from clipboard.providers.port import Steps

AssetState = Literal["waiting", "indexing", "ready", "failed"]


@dataclass(frozen=True, kw_only=True)
class Upload:
    """What to put there: an open binary file, or a public address to fetch it from.

    The file is read from its start, piece by piece, as it is sent. A `name` that nothing else there
    has lets `Library.find` tell what became of an upload that got no answer. `recorded_at` is when
    the recording began. `wants_index`: made searchable there, which may cost.
    """

    name: str
    file: BinaryIO | None = None
    address: str = ""
    content_type: str = "video/mp4"
    group: str = ""
    recorded_at: datetime | None = None
    wants_index: bool = False
    wants_thumbnails: bool = False


@dataclass(frozen=True, kw_only=True)
class RemoteAsset:
    """A recording at the service. `state` tells of its index; `word` is the service's own status.

    `group` is "" where it lies in none. `duration` is in seconds; sizes are in pixels.
    """

    remote_id: str
    state: AssetState
    word: str = ""
    title: str = ""
    group: str = ""
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    file: RemoteFile | None = None
    poster: RemoteFile | None = None
    failure: Failure | None = None
    raw: Any = None

    @property
    def is_usable(self) -> bool:
        """A job can be given it: the service has the file, indexed or not."""
        return self.file is not None


@dataclass(frozen=True, kw_only=True)
class RemoteGroup:
    remote_id: str
    name: str


class Library(ABC):
    """Subclasses set the facts and write all abstract verbs; those of groups where `has_groups`."""

    uploads_at_once: ClassVar[int] = 1
    silence: ClassVar[float] = 60  # seconds for which it may say nothing when a file has gone over
    has_groups: ClassVar[bool] = False

    @abstractmethod
    def upload(self, upload: Upload) -> Steps[RemoteAsset]:
        """Put a recording there. Raises ProviderError; of kind "unknown" when it may have arrived.

        For a file, open the client with `idle` of at least `silence`.
        """

    @abstractmethod
    def look(self, asset_ids: Sequence[str]) -> Steps[list[RemoteAsset]]:
        """Those recordings as they are now, with fresh addresses; what is gone is left out."""

    @abstractmethod
    def browse(self) -> Steps[list[RemoteAsset]]:
        """All recordings there."""

    @abstractmethod
    def find(self, name: str) -> Steps[list[RemoteAsset]]:
        """The recordings of that name."""

    @abstractmethod
    def refresh(self, asset_id: str) -> Steps[RemoteFile | None]:
        """A fresh address of that recording; None if the service has it no longer."""

    @abstractmethod
    def delete(self, asset_ids: Sequence[str]) -> Steps[None]:
        """Safe to run twice."""

    def groups(self) -> Steps[list[RemoteGroup]]:
        raise NotImplementedError

    def create_group(self, name: str) -> Steps[RemoteGroup]:
        raise NotImplementedError

    def rename_group(self, group_id: str, name: str) -> Steps[RemoteGroup]:
        raise NotImplementedError

    def delete_group(self, group_id: str) -> Steps[None]:
        """The group alone: what lay in it stays. Safe to run twice."""
        raise NotImplementedError

    def move(self, asset_ids: Sequence[str], group_id: str) -> Steps[int]:
        """Put recordings into a group, or with "" into none; returns how many were moved."""
        raise NotImplementedError

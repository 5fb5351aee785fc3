"""A service's answer, apart from the client that got it: reading one needs no HTTP library."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clipboard.providers.errors import ProviderError


@dataclass(frozen=True)
class Answer:
    """A whole answer, whatever its status. Headers are found however their names are written."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON, or ProviderError("provider"): never another exception."""
        try:
            return json.loads(self.body.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            raise ProviderError(
                "provider", "The service's answer can't be read.", code="not_json"
            ) from None

    def json_or_none(self) -> Any:
        """For bodies of errors, which may be anything."""
        try:
            return self.json()
        except ProviderError:
            return None

"""The services there are: one line each."""

from __future__ import annotations

from clipboard.providers.port import Provider
from clipboard.providers.reelbot import ReelBot
from clipboard.providers.reka import Reka
from clipboard.providers.scalereach import ScaleReach
from clipboard.providers.sync import Sync
from clipboard.providers.vizard import Vizard

_ALL: tuple[Provider, ...] = (
    Reka(),
    ReelBot(),
    ScaleReach(),
    Sync(),
    Vizard(),
)
PROVIDERS: dict[str, Provider] = {provider.name: provider for provider in _ALL}

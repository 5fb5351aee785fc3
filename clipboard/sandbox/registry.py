"""The vendors that are played: one line each."""

from __future__ import annotations

from clipboard.sandbox.reelbot import ReelBot
from clipboard.sandbox.reka import Reka
from clipboard.sandbox.scalereach import ScaleReach
from clipboard.sandbox.sync import Sync
from clipboard.sandbox.vendor import Vendor
from clipboard.sandbox.vizard import Vizard

VENDORS: tuple[type[Vendor], ...] = (Reka, ReelBot, ScaleReach, Sync, Vizard)

"""The product's settings without anything that stands before a view."""

from __future__ import annotations

from clipboard.settings import *  # noqa: F403

MIDDLEWARE = []
ROOT_URLCONF = "benchmarks.floor"

"""What is measured, beside what: `make bench NAME=grid`, `engine` or `media`."""

from __future__ import annotations

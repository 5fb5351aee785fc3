"""For how long a test waits, in ms. Nothing is waited for when all is well, so that these are what
is fair on a machine several times slower and shared with others."""

from __future__ import annotations

PATIENCE = 15_000  # for what the page does, and for what this site answers at once
WORK = 90_000  # for what a worker, an engine, a provider or a server's start must do first

"""The product's settings, so that it can be stopped at any point and killed there."""

from __future__ import annotations

from clipboard.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.kill.stops.Stops"]  # noqa: F405
# So many can stand somewhere at the same time, and for so long.
LONG = {"timeout": 480, "retry": 3600}
Q_CLUSTER = Q_CLUSTER | {"workers": 14, "queue_limit": 14} | LONG  # noqa: F405

"""What tests of deleting share: where it is to be deleted, a worker, and the page that tells."""

from __future__ import annotations

from django.urls import reverse

from clipboard.clips import tasks
from clipboard.clips.models import Errand
from tests.clips.at_sandbox import due

BOTH = {"asked": "1", "here": "on", "there": "on"}
THERE = {"asked": "1", "there": "on"}


def speak():
    due(Errand)
    tasks.speak_now()


def jobs_page(client):
    return client.get(reverse("job_list")).content.decode()

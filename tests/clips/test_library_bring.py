"""What is brought to a provider's own store: several recordings at once, and what is told of a
link."""

from __future__ import annotations

import pytest

from clipboard.clips import tasks
from clipboard.clips.models import RemoteCopy, Source
from tests import factories
from tests.clips.at_sandbox import REKA_KEY, due, in_store

pytestmark = pytest.mark.django_db
LINK = "https://me.example/talk.mp4"


def work():
    """Until nothing is left: no more are on their way at once than Reka takes."""
    for _ in range(20):
        due(RemoteCopy)
        while tasks.look_now([RemoteCopy]):
            pass
        tasks.speak_now()
        if not RemoteCopy.objects.filter(wanted_at__isnull=False).exists():
            return
    pytest.fail("Something is still on its way.")


def test_several_are_sent_together_and_each_once(act, source, team, sandbox):
    for number in range(2):
        file = factories.make_file(f"sources/talk-{number}.mp4", f"recording {number}".encode())
        title, sha256 = f"No. {number}", str(number) * 64
        factories.make_source(team=team, title=title, file=file, sha256=sha256)
    every = [str(pk) for pk in Source.objects.order_by("pk").values_list("pk", flat=True)]

    told = act("library_send", source=every[:2])
    assert "2 recordings are uploaded to Reka in the background." in told
    assert all(f'id="library-source-{pk}"' in told for pk in every)
    work()
    assert in_store(sandbox) == (2, 2, 0)

    told = act("library_send", source=every)
    assert "“No. 1” is uploaded to Reka in the background. 2 recordings lie there already." in told
    work()
    assert in_store(sandbox) == (3, 3, 0)


def test_what_is_known_of_a_link_goes_along(act, sandbox):
    wishes = {"thumbnails": "on", "recorded_at": "2025-04-12T19:05"}
    act("library_add", url=LINK, index="on", **wishes)
    act("library_add", url=LINK)

    plain, told = sandbox.world("reka", REKA_KEY).all("video")
    assert (told["starts_at"], told["has_thumbnails"]) == ("2025-04-12T19:05:00Z", True)
    assert (told["is_indexed"], plain["is_indexed"]) == (True, False)
    assert (plain["starts_at"], plain["has_thumbnails"]) == (None, False)


def test_a_moment_that_is_none_is_said_beside_it(act, sandbox):
    told = act("library_add", 422, url=LINK, recorded_at="yesterday")
    assert 'id="library-began-error"' in told
    assert in_store(sandbox) == (0, 0, 0)

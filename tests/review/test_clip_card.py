"""What a card of the grid tells: how its clip stands, what it is called, where its picture is."""

from __future__ import annotations

import pytest

from clipboard.clips.models import Clip
from tests import factories

HTMX = {"HX-Request": "true"}


def test_it_says_how_each_clip_stands(editor_client, team):
    job = factories.make_job(team=team)
    factories.make_clip(team=team, job=job, status="detected")
    busy = factories.make_clip(team=team, job=job, status="generating")
    busy.renditions.create(aspect="9:16", height=960, is_preview=True, progress=0.42)
    factories.make_clip(team=team, job=job, status="failed", error="The sound is broken.")
    page = editor_client.get("/clips/").content.decode()

    assert "Plays from the recording" in page
    assert "Rendering, 42%" in page
    assert "The sound is broken." in page
    assert f'hx-get="/clips/progress/?id={busy.pk}&amp;' in page


def test_it_polls_only_while_something_renders(editor_client, team):
    clip = factories.make_clip(team=team, status="generating")
    busy = editor_client.get(f"/clips/progress/?id={clip.pk}", headers=HTMX).content.decode()
    Clip.objects.update(status="completed")
    done = editor_client.get(f"/clips/progress/?id={clip.pk}", headers=HTMX).content.decode()

    assert "every 3s" in busy
    assert "every 3s" not in done
    assert f'id="clip-{clip.pk}" hx-swap-oob="true"' in done


def test_it_shows_what_became_of_clips_that_waited_for_their_job(editor_client, team):
    job = factories.make_job(team=team, state="running")
    still = factories.make_clip(team=team, job=job, status="detected")
    done = factories.make_clip(team=team, job=job, status="detected")
    page = editor_client.get("/clips/").content.decode()
    Clip.objects.filter(pk=done.pk).update(status="completed")
    told = editor_client.get("/jobs/count/", headers=HTMX)
    asked = f"/clips/progress/?waits={still.pk}&waits={done.pk}"
    answer = editor_client.get(asked, headers=HTMX).content.decode()

    assert 'hx-trigger="clipboard:work from:body"' in page
    assert f"waits={still.pk}&amp;" in page
    assert "clipboard:work" in told["HX-Trigger"]
    assert f'id="clip-{done.pk}" hx-swap-oob="true"' in answer
    assert f'id="clip-{still.pk}"' not in answer, "nothing moves under a pointer for nothing"
    assert f'?waits={still.pk}&amp;"' in answer


@pytest.mark.parametrize("ids", ["id=x", "id=-1", f"id={2**80}", "id=", "id=1&id=a" * 30, ""])
def test_it_ignores_ids_that_are_none(editor_client, ids):
    assert editor_client.get(f"/clips/progress/?{ids}").status_code == 200


def test_it_shows_a_detected_clip_by_its_part_of_the_recording(editor_client, team):
    strip = {"columns": 10, "rows": 2, "tile_width": 192, "tile_height": 108, "interval": 5}
    source = factories.make_source(
        team=team, filmstrip="sources/x/filmstrip.webp", strip=strip | {"count": 20}
    )
    job = factories.make_job(team=team, source=source)
    factories.make_clip(team=team, job=job, start=60.0, crop=[[0, 0.5]], status="detected")
    page = editor_client.get("/clips/").content.decode()

    assert 'viewBox="450 108 61 108"' in page
    assert 'data-start="60.0"' in page


def test_a_clip_without_words_is_called_by_its_place(editor_client, team):
    source = factories.make_source(team=team, title="Harbour at dusk")
    job = factories.make_job(team=team, source=source)
    factories.make_clip(team=team, job=job, title="", start=134.2, end=151.9)
    factories.make_clip(team=team, job=job, title="", start=None, end=None, duration=None)

    page = editor_client.get("/clips/").content.decode()

    assert ">Harbour at dusk, 2:14–2:31</a>" in page
    assert ">Clip of Harbour at dusk</a>" in page

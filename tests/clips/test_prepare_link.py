from __future__ import annotations

import hashlib
import os
from datetime import timedelta

import pytest
from django.utils import timezone

from clipboard.clips import ingest
from clipboard.clips.models import Source
from tests import recordings
from tests.clips.preparing import files, prepared
from tests.providers.internet import Server, answer, sends

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    """Four seconds that every browser plays."""
    return recordings.make(tmp_path_factory.mktemp("recordings") / "Team talk.mp4")


@pytest.fixture
def server(settings):
    """server(bytes) → the link of a web server that answers with them."""
    running = []

    def serve(reply):
        running.append(Server(sends(reply)))
        settings.OUTBOUND_ALLOW_HOSTS = [running[-1].netloc]
        return running[-1].url("/media/talk.mp4")

    yield serve
    for one in running:
        one.close()


def test_it_fetches_a_link_and_takes_the_name_that_comes_with_it(team, talk, server):
    disposition = 'attachment; filename="Keynote.mp4"'
    link = server(answer(talk.read_bytes(), content_disposition=disposition))
    source = prepared(ingest.add_url(link, team=team))

    assert (source.state, source.title) == (Source.State.READY, "Keynote"), source.error
    assert source.sha256 == hashlib.sha256(talk.read_bytes()).hexdigest()
    assert "incoming" not in map(os.path.basename, files())


def test_it_recognises_a_link_to_what_is_here_already(team, talk, server):
    first = prepared(ingest.add_path(talk, team=team))
    kept = files()
    second = prepared(ingest.add_url(server(answer(talk.read_bytes())), team=team))

    assert second.duplicate_of == first
    assert files() == kept


def test_it_asks_a_faulty_server_again_later(team, server):
    source = prepared(
        ingest.add_url(server(answer(status="503 Busy", retry_after="120")), team=team)
    )

    assert (source.state, source.stage) == (Source.State.FETCHING, "waiting")
    assert source.error.endswith(".")
    wait = source.next_action_at - timezone.now()
    assert timedelta(seconds=100) < wait < timedelta(seconds=121)
    assert files() == []


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden"])
def test_it_gives_up_at_once_on_a_link_that_leads_nowhere(team, server, status):
    source = prepared(ingest.add_url(server(answer(status=status)), team=team))

    assert source.state == Source.State.FAILED
    assert source.error.endswith(".")
    assert source.can_retry


def test_it_refuses_an_address_inside(team):
    source = prepared(ingest.add_url("http://127.0.0.1:9/talk.mp4", team=team))

    assert source.state == Source.State.FAILED
    assert source.error
    assert source.can_retry

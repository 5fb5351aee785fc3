"""The sandbox fetches recordings from this machine, and from nowhere else."""

from __future__ import annotations

import http.server
import threading

import pytest

from clipboard.sandbox.outputs import Outputs


@pytest.fixture
def outputs(tmp_path, clock, sample):
    return Outputs(tmp_path / "files", fallback=sample, secret=b"s", now=clock)


@pytest.fixture
def server(sample, tmp_path):
    """Gives the sample at /a.mp4, at /cut.mp4 only half of it at first, and sends whoever asks for
    /b.mp4 there."""
    cuts = [len(sample.read_bytes()) // 2]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            moved, video = self.path == "/b.mp4", sample.read_bytes() + bytes(8)
            self.send_response(302 if moved else 200)
            if moved:
                self.send_header("Location", "/a.mp4")
            if self.path == "/cut.mp4":
                self.send_header("Content-Length", str(len(video)))
                video = video[: cuts.pop() if cuts else None]
            self.end_headers()
            if not moved:
                self.wfile.write(video)

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_it_fetches_a_recording_past_any_proxy(outputs, server, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    assert outputs.source(f"{server}/a.mp4") != outputs.fallback


def test_it_is_sent_nowhere(outputs, server, sample, tmp_path):
    other = tmp_path / "other.mp4"
    other.write_bytes(sample.read_bytes())
    for address in (
        f"{server}/b.mp4",
        f"file://localhost{other}",
        "http://[",
        "http://127.0.0.1:x/",
    ):
        assert outputs.source(address) == outputs.fallback


def test_a_recording_that_breaks_off_is_not_taken_for_the_whole(outputs, server):
    assert outputs.source(f"{server}/cut.mp4") == outputs.fallback
    assert outputs.source(f"{server}/cut.mp4") != outputs.fallback
    assert len(list(outputs.folder.iterdir())) == 1

"""docs/deploy/nginx.conf, as it is but for names and TLS, in front of the real answers."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from django.core.files.storage import default_storage

from tests import factories

SAMPLE = Path(__file__).resolve().parent.parent.parent / "docs" / "deploy" / "nginx.conf"
NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
CONTENT = bytes(range(256)) * 4096
AROUND = """
daemon off; {user} worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  {sample}
}}
"""

pytestmark = [
    pytest.mark.skipif(not NGINX, reason="needs nginx: apt-get install nginx"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def front(live_server, settings, media_root, tmp_path):
    """A client of nginx, which stands before the test server."""
    settings.MEDIA_SERVE = "accel"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sample = SAMPLE.read_text()
    for ours, here in {
        "server 127.0.0.1:8000": f"server {live_server.url.removeprefix('http://')}",
        "listen 443 ssl http2": f"listen 127.0.0.1:{port}",
        "listen 80": "listen unix:" + str(tmp_path / "80"),
        "ssl_certificate": "# ssl_certificate",
        "/srv/clipboard/var/media": str(media_root),
        "/srv/clipboard/var/static": str(tmp_path),
    }.items():
        assert ours in sample
        sample = sample.replace(ours, here)
    config = tmp_path / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    config.write_text(AROUND.format(folder=tmp_path, sample=sample, user=user))
    nginx = subprocess.Popen([NGINX, "-c", str(config)], stderr=subprocess.DEVNULL)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        wait_until_up(client)
        yield client
    nginx.terminate()
    nginx.wait(60)


def wait_until_up(client):
    for _ in range(1200):
        try:
            client.get("/protected-media/x")
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("nginx does not start")


def test_nginx_sends_what_clipboard_allows(front):
    address = default_storage.url(factories.make_file("clips/a.mp4", CONTENT))

    whole = front.get(address)
    part = front.get(address, headers={"Range": "bytes=1000-1999"})
    head = front.head(address)

    assert (whole.status_code, whole.content) == (200, CONTENT)
    assert (part.status_code, part.content) == (206, CONTENT[1000:2000])
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(CONTENT)}"
    assert head.headers["Content-Length"] == str(len(CONTENT))
    assert front.get(address, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    assert front.get(address, headers={"Range": f"bytes={len(CONTENT)}-"}).status_code == 416


def test_nginx_lets_a_whole_recording_through_in_one_piece(front):
    """What is too long, Clipboard says: it answers a stranger before it has read anything."""
    with socket.create_connection((front.base_url.host, front.base_url.port), timeout=60) as link:
        link.sendall(
            b"PATCH /uploads/00000000-0000-4000-8000-000000000000/ HTTP/1.1\r\nHost: localhost\r\n"
            b"Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Length: 20000000000\r\n"
            b"Content-Type: application/offset+octet-stream\r\n\r\n"
        )
        assert link.recv(12) == b"HTTP/1.1 401"


def test_what_nginx_sends_is_fenced_in_too(front):
    headers = front.get(default_storage.url(factories.make_file("clips/a.mp4", CONTENT))).headers

    assert headers["Content-Type"] == "video/mp4"
    assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"].startswith("private, max-age=")
    assert "X-Accel-Redirect" not in headers


def test_nobody_gets_past_clipboard(front, media_root):
    name = factories.make_file("clips/a.mp4", CONTENT)
    (media_root.parent / "secret_key").write_bytes(b"secret")
    address = default_storage.url(name)

    assert front.get(f"/protected-media/{name}").status_code == 404
    assert front.get(address.replace("k=", "k=0")).status_code == 403
    assert front.get(default_storage.url("clips/missing.mp4")).status_code == 404
    for name in ("../secret_key", "clips/../../secret_key", "clips", ""):
        answer = front.get(default_storage.url(name))
        assert answer.status_code in (403, 404)
        assert b"secret" not in answer.content

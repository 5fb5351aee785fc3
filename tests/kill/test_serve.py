"""One command starts everything, one Ctrl-C ends it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time

import pytest

from tests.running import LINK, ROOT, running_product

pytestmark = pytest.mark.kill


def test_it_serves_signs_in_and_leaves_nothing_behind(tmp_path):
    with running_product(tmp_path) as product:
        roles = product.processes()

        assert len(LINK.findall(product.log_text())) == 1
        with product.client() as client:
            assert client.get("/sources/").status_code == 200
        assert set(roles) >= {"web", "web worker", "work", "steps", "media", "media sentinel"}

        assert product.stop() < 8
        assert product.left() == []

        begin = time.monotonic()
        product.start()
        took, waited = time.monotonic() - begin, waited_for_processors(product)
        assert took - waited < 5 + waited / 2  # whoever shares processors is slowed down, too
        assert len(LINK.findall(product.log_text())) == 2

        product.look()
        product.serve.kill()
        product.serve.wait()
        time.sleep(1)
        assert product.left() == []


def waited_for_processors(product):
    """Seconds that others took from those whom a start waits for, one after the other: this is
    what the start takes longer here than on a machine of its own."""
    roles = product.processes()
    return sum(roles[role][0].waited() for role in ("serve", "web", "web worker"))


def test_it_says_so_when_the_port_is_taken(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        outcome = subprocess.run(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "PORT": str(port), "VAR_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
        )

    assert outcome.returncode != 0
    assert f"Port {port} is taken" in outcome.stderr
    assert "Traceback" not in outcome.stderr

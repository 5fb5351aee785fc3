"""One command starts everything, one Ctrl-C ends it."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from tests.kill.killing import is_complete
from tests.processes import Watch
from tests.running import LINK, ROOT, running_product

pytestmark = [pytest.mark.kill, pytest.mark.timeout(240)]


def test_it_serves_signs_in_and_leaves_nothing_behind(tmp_path):
    with running_product(tmp_path) as product:
        assert len(LINK.findall(product.log_text())) == 1
        with product.client() as client:
            assert client.get("/sources/").status_code == 200
        product.wait_until(lambda: is_complete(product.processes()), "every process to be there")

        assert product.stop() < 8
        product.wait_until_nothing_is_left()

        watch = Watch()
        product.start()
        assert watch.took() < 5
        assert len(LINK.findall(product.log_text())) == 2

        product.look()
        product.serve.kill()
        product.serve.wait()
        product.wait_until_nothing_is_left()


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
            timeout=120,
        )

    assert outcome.returncode != 0
    assert f"Port {port} is taken" in outcome.stderr
    assert "Traceback" not in outcome.stderr

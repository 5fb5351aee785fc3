from __future__ import annotations

import sys

import pytest

from tests import recordings
from tests.kill.killing import ready_source
from tests.kill.upload import Upload
from tests.running import running_product

# Short, so that what is noticed late is noticed soon.
IMPATIENT = {
    "LEASE_SECONDS": "5",
    "QUEUE_PATIENCE_SECONDS": "3",
    "PREVIEW_HEIGHT": "240",
    "SPEECH_MODEL_DIR": "",
}


def pytest_collection_modifyitems(items):
    for item in items:
        if sys.platform != "linux" and item.get_closest_marker("kill"):
            item.add_marker(pytest.mark.skip(reason="processes are told apart by /proc"))


@pytest.fixture(scope="module")
def product(tmp_path_factory, prepared):
    """Killed again and again by the tests of a module, each of which sees it well again."""
    folder = tmp_path_factory.mktemp("product")
    with running_product(folder, prepared=prepared, env=IMPATIENT) as product:
        yield product


@pytest.fixture(scope="module")
def bars(tmp_path_factory):
    path = tmp_path_factory.mktemp("recordings") / "bars.mp4"
    return recordings.make(path, seconds=8, size="256x144")


@pytest.fixture(scope="module")
def source(product, bars):
    """The id of a recording that is ready, uploaded whole."""
    with product.client() as client:
        upload = Upload(product, client, bars)
        upload.send()
    return ready_source(product, upload)

from __future__ import annotations

import hashlib

from clipboard.providers.download import download
from tests.providers.internet import answer, sends


def test_it_saves_the_whole_file_with_its_hash_and_name(serve, tmp_path):
    body = b"mp4" * 100_000
    server = serve(
        sends(
            answer(
                body,
                content_type="video/mp4; x=1",
                content_disposition='attachment; filename="talk one.mp4"',
            )
        )
    )
    got = download(server.url(), tmp_path / "new" / "a.mp4", max_bytes=10**6, deadline=5)
    assert got.path.read_bytes() == body
    assert got.size == len(body)
    assert got.sha256 == hashlib.sha256(body).hexdigest()
    assert (got.content_type, got.file_name) == ("video/mp4", "talk one.mp4")
    assert list(got.path.parent.iterdir()) == [got.path]

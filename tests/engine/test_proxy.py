from __future__ import annotations

from pathlib import Path

from clipboard.engine import make_proxy, probe
from clipboard.engine.proxy import can_copy
from tests.media_files import copied, plain


def test_a_picture_that_is_only_copied_stays_turned(folder: Path, tmp_path: Path) -> None:
    plain(folder)
    turned = folder / "turned_pcm.mov"
    copied(turned, "-c:a", "pcm_s16le", before=("-display_rotation", "90"))
    known = probe(turned)
    assert can_copy(known)
    assert not known.browser_playable

    make_proxy(turned, tmp_path / "proxy.mp4", known)

    made = probe(tmp_path / "proxy.mp4")
    assert made.browser_playable
    assert (made.width, made.height, made.rotation) == (known.width, known.height, known.rotation)

from __future__ import annotations

import pytest

from clipboard.lib.seal import CannotOpen, Seal, new_secret


def test_it_opens_what_it_sealed_and_nobody_else_does():
    seal = Seal([new_secret()])
    sealed = seal.seal("sr_live_abc é")
    assert "sr_live" not in sealed
    assert seal.open(sealed) == "sr_live_abc é"
    assert seal.seal("x") != seal.seal("x"), "equal keys cannot be told"
    for other in (Seal([new_secret()]), seal):
        with pytest.raises(CannotOpen):
            other.open(sealed if other is not seal else sealed[:-2] + "AA")


def test_secrets_are_exchanged_without_losing_a_key():
    old, new = new_secret(), new_secret()
    sealed = Seal([old]).seal("key")
    both = Seal([new, old])
    assert both.open(sealed) == "key"
    assert Seal([new]).open(both.renew(sealed)) == "key"


def test_what_is_no_secret_is_refused():
    with pytest.raises(ValueError, match="32"):
        Seal(["short"])

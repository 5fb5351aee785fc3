"""The two ways in which work on a recording ends early."""

from __future__ import annotations

# For these the machine may be to blame, or we are: another time they may not come.
PASSING = {"engine_died", "engine_failed", "no_room", "too_slow"}
NO_ROOM = "The disk is nearly full; remove recordings you no longer need, then try again."


class MediaError(Exception):
    """The recording cannot be used.

    `code` is for programs ("no_picture"); `sentence` is for a person: what is wrong and what to do.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence

    @property
    def may_pass(self) -> bool:
        """Whether it says little of the recording, and is worth another try."""
        return self.code in PASSING


class Cancelled(Exception):
    """The caller's should_stop() said so; nothing is left running and nothing was published."""

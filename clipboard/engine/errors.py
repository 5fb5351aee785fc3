"""The two ways in which work on a recording ends early."""

from __future__ import annotations


class MediaError(Exception):
    """The recording cannot be used.

    `code` is for programs ("no_picture"); `sentence` is for a person: what is wrong and what to do.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class Cancelled(Exception):
    """The caller's should_stop() said so; nothing is left running and nothing was published."""

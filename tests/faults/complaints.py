"""Whatever the product logs as an error is one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def complaints(broken: list[str]) -> Iterator[None]:
    handler = Complaints(broken)
    logger = logging.getLogger("clipboard")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


class Complaints(logging.Handler):
    def __init__(self, broken: list[str]) -> None:
        super().__init__(logging.ERROR)
        self.broken = broken

    def emit(self, record: logging.LogRecord) -> None:
        cause = record.exc_info[1] if record.exc_info else ""
        self.broken.append(f"logged: {record.getMessage()}: {type(cause).__name__}: {cause}")

"""Whole files from a plain form, written straight to where resumable uploads lie."""

from __future__ import annotations

import os
import uuid
from typing import Any, BinaryIO

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from .models import Upload
from .uploads import check_room, check_size, finish, folder, printable, write


class PartHandler(FileUploadHandler):
    """Raises UploadRefused while the file is still coming, if there is no sense in going on.

    Call `clear()` in the end, whatever came of the request.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.begun: list[tuple[Upload, BinaryIO]] = []

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        check_size(content_length)
        folder().mkdir(parents=True, exist_ok=True)
        check_room(content_length)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.part = Upload(pk=uuid.uuid4())
        self.out = self.part.path.open("xb", buffering=0)
        self.begun.append((self.part, self.out))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        write(self.out, raw_data)
        return None

    def file_complete(self, file_size: int) -> UploadedFile:
        os.fsync(self.out.fileno())
        self.out.close()
        return PartFile(self.part, name=self.file_name, size=file_size)

    def upload_interrupted(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Remove what became nobody's upload: it was cut off, refused, or came with a bad form."""
        for part, out in self.begun:
            out.close()
            if part._state.adding:
                part.path.unlink(missing_ok=True)


class PartFile(UploadedFile):
    """A file that lies in the uploads' folder already."""

    def __init__(self, part: Upload, *, name: str | None, size: int) -> None:
        super().__init__(name=name, size=size)
        self.part = part

    def close(self) -> None:
        """Nothing is open."""


def keep_part(file: PartFile, *, team: Any, user: Any, metadata: dict[str, str]) -> Upload:
    """A finished upload, just as if it had come in pieces. Raises UploadRefused."""
    upload = file.part
    size = file.size or 0
    check_size(size)
    upload.team, upload.user, upload.metadata = team, user, metadata
    upload.file_name, upload.size = printable(file.name or ""), size
    upload.save(force_insert=True)
    finish(upload)
    return upload

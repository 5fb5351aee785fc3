"""A tus client of the plainest kind."""

from __future__ import annotations

import base64
import os

import httpx

from tests.running import Product

TUS = {"Tus-Resumable": "1.0.0"}


class Upload:
    """Asks where to go on, and goes on."""

    def __init__(self, product: Product, client, path):
        self.product, self.client = product, client
        # Padding that players skip makes each upload another content.
        free = b"\x00\x00\x00\x18free" + os.urandom(16)
        self.content = path.read_bytes() + free
        self.size, self.offset = len(self.content), 0
        name = base64.b64encode(b"bars.mp4").decode()
        headers = TUS | {"Upload-Length": str(self.size), "Upload-Metadata": f"filename {name}"}
        self.address = client.post("/uploads/", headers=headers).headers["Location"]
        self.pk = self.address.rstrip("/").rpartition("/")[2].replace("-", "")

    def send(self, until: int | None = None) -> None:
        headers = TUS | {
            "Upload-Offset": str(self.offset),
            "Content-Type": "application/offset+octet-stream",
        }
        piece = self.content[self.offset : until]
        answer = self.client.patch(self.address, headers=headers, content=piece)
        assert answer.status_code == 204, answer.text
        self.offset = int(answer.headers["Upload-Offset"])

    def can_go_on(self) -> bool:
        try:
            answer = self.client.head(self.address, headers=TUS)
        except Exception:  # whatever a dead server looks like
            return False
        if answer.status_code == 200:
            self.offset = int(answer.headers["Upload-Offset"])
        return answer.status_code == 200

    def goes_on(self) -> bool:
        """The rest, from where the server says; what still answers may die in the middle of it."""
        if not self.can_go_on():
            return False
        try:
            self.send()
        except httpx.TransportError:
            return False
        return True

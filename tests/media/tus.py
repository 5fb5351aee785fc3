"""Resumable uploads, spoken by hand, one header at a time."""

from __future__ import annotations

import base64

from django.urls import reverse

BYTES = "application/offset+octet-stream"


class Tus:
    def __init__(self, client):
        self.client = client

    def create(self, size, *, name="talk.mp4", body=None, **headers):
        encoded = base64.b64encode(name.encode()).decode()
        headers = {"Upload-Length": str(size), "Upload-Metadata": f"filename {encoded}"} | headers
        return self.send("post", reverse("upload_list"), body, **headers)

    def patch(self, address, offset, body, **headers):
        return self.send("patch", address, body, **{"Upload-Offset": str(offset)} | headers)

    def head(self, address):
        return self.client.head(address, headers={"Tus-Resumable": "1.0.0"})

    def delete(self, address):
        return self.client.delete(address, headers={"Tus-Resumable": "1.0.0"})

    def send(self, method, address, body, **headers):
        if body is not None:
            headers |= {"Content-Type": BYTES, "Content-Length": str(len(body))}
        return self.client.generic(
            method.upper(), address, body or b"", headers={"Tus-Resumable": "1.0.0"} | headers
        )

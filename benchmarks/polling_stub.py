"""A provider that only ever says "processing", as late as its address tells it to:
python -m benchmarks.polling_stub

http://127.0.0.1:PORT/50/anything is answered after 50 ms, /count at once with how many were
answered so far. Raw asyncio, so that it costs little beside what is measured.
"""

from __future__ import annotations

import asyncio
import json

JOB = {
    "status": "processing",
    "video_urls": ["https://files.example.org/media/sources/2026/11/talk.mp4"],
    "prompt": "Make short clips of the best moments. " * 8,
    "created_at": "2026-11-22T09:30:00Z",
    "generation_config": {"num_generations": 3, "min_duration_seconds": 15},
    "output": [],
}
BACKLOG = 4096
answered = 0


def reply(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
    return f"{head}\r\nx-ratelimit-requests-limit: 50\r\n\r\n".encode() + body


RUNS = reply(json.dumps(JOB).encode())


class Stub(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.received = transport, b""

    def data_received(self, data: bytes) -> None:
        self.received += data
        while b"\r\n\r\n" in self.received:
            head, _, self.received = self.received.partition(b"\r\n\r\n")
            self.take(head.split(b" ", 2)[1].split(b"/")[1])

    def take(self, wait: bytes) -> None:
        if wait == b"count":
            self.transport.write(reply(b"%d" % answered))
        else:
            asyncio.get_running_loop().call_later(int(wait) / 1000, self.answer)

    def answer(self) -> None:
        global answered
        answered += 1
        if not self.transport.is_closing():
            self.transport.write(RUNS)


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Stub, "127.0.0.1", 0, backlog=BACKLOG)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())

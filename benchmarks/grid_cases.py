"""What is asked of the grid: a filter, deep pages, the first load, words rare and common."""

from __future__ import annotations

import sqlite3
import statistics
import time
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.servers import Server, statements_of

FILTER = "min_score=80&status=completed&favourited=1"


class Case:
    def __init__(self, server: Server, path: str, *, htmx: bool = True, cookie: str = "") -> None:
        self.server, self.path = server, path
        self.headers = {"Accept-Encoding": "gzip", "Cookie": f"sessionid={cookie}"}
        if htmx:
            self.headers["HX-Request"] = "true"
        self.link = HTTPConnection("127.0.0.1", server.port, timeout=120)
        self.times: list[float] = []
        self.ticks, self.asked, self.size, self.queries = 0.0, 0, 0, 0

    def ask(self, times: int) -> None:
        for _ in range(times):
            self.link.request("GET", self.path, headers=self.headers)
            answer = self.link.getresponse()
            body = answer.read()
            assert answer.status == 200, (self.path, answer.status)
            self.size = max(self.size, len(body))

    def run(self, times: int) -> None:
        before = self.server.cpu()
        for _ in range(times):
            start = time.perf_counter()
            self.ask(1)
            self.times.append(1000 * (time.perf_counter() - start))
        self.ticks += self.server.cpu() - before
        self.asked += times

    @property
    def p50(self) -> float:
        return statistics.median(self.times)

    @property
    def cpu(self) -> float:
        """Milliseconds a request."""
        return 1000 * self.ticks / self.asked


def cases(home: Path, product: Server, floor: Server, cookie: str) -> dict[str, Case]:
    database = sqlite3.connect(home / "clipboard.sqlite3")
    loved, done = deep(database, LOVED), deep(database, DONE)
    rare, medium, common = (word_in(database, share) for share in (0.0005, 0.01, 0.2))
    asked = {
        "favourites, page 1": f"/clips/?{FILTER}",
        "favourites, deep": f"/clips/?{FILTER}&after={loved}~1",
        "completed, page 1": "/clips/?status=completed",
        "completed, deep": f"/clips/?status=completed&after={done}~1",
        "provider and length": "/clips/?provider=reka&min_duration=20&max_duration=40",
        "newest first": "/clips/?sort=created",
        "search, rare word": f"/clips/?q={rare}",
        "search, medium word": f"/clips/?q={medium}",
        "search, common word": f"/clips/?q={common}",
    }
    found = {name: Case(product, path, cookie=cookie) for name, path in asked.items()}
    found["first load"] = Case(product, "/clips/", htmx=False, cookie=cookie)
    counted = statements_of(home, {name: case.path for name, case in found.items()})
    for name, case in found.items():
        case.queries = counted[name]
    return found | {
        "floor: favourites, page 1": Case(floor, "/favourites/"),
        "floor: favourites, deep": Case(floor, f"/favourites/?score={loved}"),
        "floor: completed, deep": Case(floor, f"/completed/?score={done}"),
        "admin: completed, score": Case(
            product, "/admin/clips/clip/?status__exact=completed&score__gte=80", cookie=cookie
        ),
    }


LOVED = "review_favourite WHERE user_id = 1 AND status = 'completed' AND score >= 80"
DONE = "clips_clip WHERE team_id = 1 AND status = 'completed' AND score >= 0"


def deep(database: sqlite3.Connection, rows: str) -> float:
    """The score nine tenths into the result, or where a full page is left."""
    (count,) = database.execute(f"SELECT COUNT(*) FROM {rows}").fetchone()
    offset = max(0, min(count * 9 // 10, count - 40))
    sql = f"SELECT score FROM {rows} ORDER BY score DESC LIMIT 1 OFFSET {offset}"
    return database.execute(sql).fetchone()[0]


def word_in(database: sqlite3.Connection, share: float) -> str:
    """The word found in about this share of the clips."""
    database.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.words USING fts5vocab(main, clips_clip_fts, row)"
    )
    (clips,) = database.execute("SELECT COUNT(*) FROM clips_clip").fetchone()
    sql = "SELECT term FROM temp.words WHERE length(term) > 3 ORDER BY ABS(doc - ?), term LIMIT 1"
    return database.execute(sql, [share * clips]).fetchone()[0]

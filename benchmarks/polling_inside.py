"""What asks the stub, each in a process of its own on the database of VAR_DIR.

    load JOBS ADDRESS              an account there and so many running jobs, due over five seconds
    work                           the product's worker, until it is ended
    httpx N ADDRESS SECONDS        bare httpx with N in flight and Job.save()
    aiohttp N ADDRESS SECONDS      bare aiohttp with N in flight, which writes nothing
    flight N WHO ADDRESS           about N in flight at the same rate: what is added to the delay

The last three print what they found as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import cycle

import django

EVERY = 5.0  # seconds, for each job
RATE = 200  # requests a second, however many are in flight
WARM, MEASURED = 2.0, 6.0  # seconds

Ask = Callable[[], Awaitable[None]]


def load(jobs: str, address: str) -> None:
    from django.utils import timezone

    from clipboard.clips.models import Account, Job
    from clipboard.teams.models import Team

    team = Team.objects.first()
    account = Account(team=team, provider="reka", name="Stub", base_url=address)
    account.keep_key("a key of no use")
    account.save()
    source, now, count = team.sources.first(), timezone.now(), int(jobs)
    Job.objects.bulk_create(
        Job(
            team=team,
            source=source,
            account=account,
            provider="reka",
            state="running",
            remote_id=f"job-{number}",
            remote_word="processing",
            sent_at=now,
            deadline_at=now + timedelta(days=1),
            next_action_at=now + timedelta(seconds=EVERY * number / count),
        )
        for number in range(count)
    )


def work() -> None:
    from clipboard.clips import tasks
    from clipboard.providers.port import Pace
    from clipboard.providers.registry import PROVIDERS

    PROVIDERS["reka"].pace = Pace(first=EVERY, slowest=EVERY, deadline=86_400)
    while True:
        tasks.speak_now()
        time.sleep(0.05)  # for the next task to come


async def with_httpx(in_flight: int, address: str, seconds: float) -> dict[str, float]:
    import httpx
    from django.utils import timezone

    from clipboard.clips.models import Job

    jobs = cycle(Job.objects.filter(provider="reka"))
    limits = httpx.Limits(max_connections=in_flight, max_keepalive_connections=in_flight)
    headers = {"X-Api-Key": "a key of no use"}
    async with httpx.AsyncClient(limits=limits, headers=headers, timeout=30) as client:

        async def ask() -> None:
            job = next(jobs)
            told = (await client.get(f"{address}/v1/clips/{job.remote_id}")).json()
            job.remote_word, job.next_action_at = told["status"], timezone.now()
            job.save()

        return await measured(ask, in_flight, seconds)


async def with_aiohttp(in_flight: int, address: str, seconds: float) -> dict[str, float]:
    async with bare_session(in_flight) as session:

        async def ask() -> None:
            async with session.get(f"{address}/v1/clips/job-1") as answer:
                await answer.json()

        return await measured(ask, in_flight, seconds)


def bare_session(connections: int):
    import aiohttp

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections), headers={"X-Api-Key": "a key of no use"}
    )


async def measured(ask: Ask, in_flight: int, seconds: float) -> dict[str, float]:
    """CPU µs for each, and how many a second, with so many asking one after the other."""
    asked, end = 0, time.monotonic() + 1 + seconds

    async def go_on() -> None:
        nonlocal asked
        while time.monotonic() < end:
            await ask()
            asked += 1

    going = [asyncio.create_task(go_on()) for _ in range(in_flight)]
    await asyncio.sleep(1)
    before, cpu, start = asked, time.process_time(), time.monotonic()
    await asyncio.gather(*going)
    count, spent = asked - before, time.process_time() - cpu
    return {"cpu": 1e6 * spent / count, "rate": count / (time.monotonic() - start)}


async def flight(in_flight: int, who: str, address: str) -> dict[str, float]:
    from clipboard.providers.outbound_async import open_async_client
    from clipboard.providers.registry import PROVIDERS
    from clipboard.providers.speak import Connection, carry_out_async

    wait = in_flight / RATE
    base = f"{address}/{1000 * wait:.0f}"
    connection = Connection(PROVIDERS["reka"], base_url=base, key="a key of no use")
    open_both = open_async_client(connections=2 * in_flight), bare_session(2 * in_flight)
    async with open_both[0] as client, open_both[1] as session:

        async def ours() -> None:
            await carry_out_async(PROVIDERS["reka"].poll("job-1"), connection, client)

        async def bare() -> None:
            async with session.get(f"{base}/v1/clips/job-1") as answer:
                await answer.json()

        return await at_rate(ours if who == "ours" else bare, wait)


async def at_rate(ask: Ask, wait: float) -> dict[str, float]:
    """Milliseconds added to what the stub waits, asked at a steady rate whatever comes."""
    added: list[float] = []
    start = time.monotonic()
    warm, end = start + wait + WARM, start + wait + WARM + MEASURED

    async def one() -> None:
        begin = time.monotonic()
        await ask()
        if begin > warm:
            added.append(1000 * (time.monotonic() - begin - wait))

    asked: set[asyncio.Task[None]] = set()
    cpu = None
    while (now := time.monotonic()) < end:
        if cpu is None and now > warm:
            cpu, before = time.process_time(), len(asked)
        if len(asked) < RATE * (now - start):
            asked.add(asyncio.create_task(one()))
        else:
            await asyncio.sleep(1 / RATE)
    cpu = 1e6 * (time.process_time() - cpu) / (len(asked) - before)
    await asyncio.gather(*asked)
    p95 = statistics.quantiles(added, n=20)[-1]
    return {"p50": statistics.median(added), "p95": p95, "cpu": cpu}


def main(what: str, *given: str) -> None:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the least that save() can cost in a loop
    django.setup()
    if what == "load":
        load(*given)
    elif what == "work":
        work()
    elif what == "flight":
        print(json.dumps(asyncio.run(flight(int(given[0]), *given[1:]))))
    else:
        peer = with_httpx if what == "httpx" else with_aiohttp
        print(json.dumps(asyncio.run(peer(int(given[0]), given[1], float(given[2])))))


if __name__ == "__main__":
    main(*sys.argv[1:])

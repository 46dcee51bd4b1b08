"""Serves the application where the hub is reached, until somebody asks it to end."""

import asyncio
import gc
import signal
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

import structlog
import uvicorn

from solarhub.cli import announcing
from solarhub.cli.reach import Reach
from solarhub.kit.errors import Unavailable
from solarhub.kit.postgres import Server
from solarhub.kit.tls import UnusableCertificate

if TYPE_CHECKING:
    from fastapi import FastAPI

log = structlog.get_logger(__name__)

_GRACE_SECONDS = 10
_GARBAGE_EVERY = (50_000, 20, 50)  # objects, and rounds of the younger generation
_CERTIFICATE_EVERY_SECONDS = 60.0
_LOOK_AGAIN_SECONDS = 0.2


def serve(
    application: "FastAPI",
    reach: Reach,
    server: Server | None,
    *,
    beside: Sequence[Callable[[], Coroutine[Any, Any, None]]] = (),
) -> None:
    """Returns when the hub has ended in order. `server` is the embedded one, which is watched meanwhile.

    `beside`: what else goes on while it serves, and is cancelled when it ends.
    """
    config = uvicorn.Config(
        application,
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        # only what a named proxy says of its client counts; to everybody else the headers are just headers
        proxy_headers=bool(reach.trusted_proxies),
        forwarded_allow_ips=[str(network) for network in reach.trusted_proxies],
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        ssl_context_factory=_context_of(reach),
    )
    web = _Web(config, reach)

    async def run() -> None:
        await _refuse_unsafe(application)
        work = [_welcome(application, web), _keep_fresh(reach), *(begin() for begin in beside)]
        if server is not None:
            work.append(server.watch())
        async with _beside(*work):
            await web.serve(sockets=[reach.listener])

    def end(_signal: int, _frame: FrameType | None) -> None:
        web.should_exit = True

    # uvicorn takes the signals while it serves, and raises them again for these handlers once it has ended
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(run())


class _Web(uvicorn.Server):
    """Says where it is as soon as it takes connections."""

    def __init__(self, config: uvicorn.Config, reach: Reach) -> None:
        super().__init__(config)
        self._reach = reach

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        # what was loaded stays for good, and need not be looked through for garbage again and again: a request of
        # devices makes thousands of objects, and each few hundred of them would start that anew
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_GARBAGE_EVERY)
        _say(announcing.where(self._reach, on_terminal=sys.stdout.isatty()))


def _context_of(reach: Reach) -> Callable[[uvicorn.Config, Callable[[], ssl.SSLContext]], ssl.SSLContext] | None:
    if reach.serving is None:
        return None
    context = reach.serving.context
    return lambda _config, _usual: context


@asynccontextmanager
async def _beside(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _welcome(application: "FastAPI", web: uvicorn.Server) -> None:
    """Prints the way in where nobody has gone it yet, as soon as the database can be asked."""
    from solarhub.accounts.setup import set_up_link  # noqa: PLC0415 - heavy; loaded by now

    while not web.started or application.state.hub.obstacle is not None:  # noqa: ASYNC110 - a few looks while it starts, then never again
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    link = await set_up_link(application.state.databases.auth, application.state.public_url)
    if link is not None:
        _say(announcing.first_steps(link))


async def _keep_fresh(reach: Reach) -> None:
    """Takes up renewed certificates without a new start; a year passes sooner than a hub is restarted."""
    was_well = True
    while True:
        await asyncio.sleep(_CERTIFICATE_EVERY_SECONDS)
        try:
            if await asyncio.to_thread(reach.refresh):
                log.info("the certificate was renewed")
            was_well = True
        except (UnusableCertificate, OSError) as trouble:
            if was_well:  # told once, not every minute
                log.warning("the certificate could not be renewed; the present one stays in use", reason=str(trouble))
            was_well = False


async def _refuse_unsafe(application: "FastAPI") -> None:
    from solarhub.app import UnsafeDatabase  # noqa: PLC0415 - loaded by now

    try:
        await application.state.hub.refuse_unsafe()
    except UnsafeDatabase as unsafe:
        raise SystemExit(str(unsafe)) from None
    except Unavailable:
        return  # /health/ready says so until it is there


def _say(lines: Any) -> None:
    with suppress(OSError):  # a disk that is full of what was said before keeps nobody from being served
        for line in lines:
            print(line, flush=True)

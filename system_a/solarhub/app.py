"""The hub that answers: routes, what works behind them, and whether both are ready."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response

import solarhub
from solarhub import figures
from solarhub.accounts import api as accounts
from solarhub.accounts.passwords import Passwords
from solarhub.alerts import api as alerts
from solarhub.devices import api as devices
from solarhub.drivers.dialects import Dialects
from solarhub.fleet import api as fleet
from solarhub.kit import safety
from solarhub.kit.backup import runs
from solarhub.kit.clock import now
from solarhub.kit.db import Databases, outages
from solarhub.kit.errors import Forbidden, NotFound, TooLarge, TooManyRequests, Unauthenticated, Unavailable, Unreadable
from solarhub.kit.http import BodyLimit, Envelope, OpenPaths, Rate, Rates, SameSite, client_address, describe, install
from solarhub.kit.http.description import description_of, operation_id
from solarhub.kit.http.hosts import KnownHosts
from solarhub.kit.http.straight import Straight
from solarhub.kit.mosquitto import Broker
from solarhub.kit.sealing import Keyring
from solarhub.kit.tls import TrustAnchor
from solarhub.notifications.smtp_settings import SmtpSettings
from solarhub.notifications.webhook_address import IpNetwork
from solarhub.organizations import api as organizations
from solarhub.organizations import gate
from solarhub.organizations.deps import Asking, check_rights
from solarhub.pages import api as pages
from solarhub.sites import api as sites
from solarhub.telemetry import api as telemetry
from solarhub.telemetry.portals.loading import PortalMaps
from solarhub.wiring import Corridor, connect

log = structlog.get_logger(__name__)

TELEMETRY_PATH = "/api/v1/telemetry"
_USUAL_BODY_BYTES = 2**20
_LARGER_BODIES = {
    TELEMETRY_PATH: 10 * 2**20,
    "/telemetry": telemetry.thingsboard.MOST_BYTES,
    "/write": telemetry.influx.MOST_BYTES,
    "/imports/sites": 5 * 2**20,
    "/imports/history": telemetry.history_imports.MOST_BYTES,
    "/logo": 2 * 2**20,  # a picture of one, and what a form puts around it
}
_HEALTH_PATHS = ("/health/live", "/health/ready", "/metrics")
_DEVICES_PATHS = (TELEMETRY_PATH, *telemetry.influx.PATHS)
_RATES = {"actor": Rate(per_second=20, burst=200), "organization": Rate(per_second=100, burst=1000)}
"""How often one person or key, and all of one organization together, may ask."""
_DRAIN_SECONDS = 10.0
_LOOK_AGAIN_SECONDS = 1.0
_CANNOT_START = "The hub cannot start; its log says why."


class UnsafeDatabase(Exception):  # noqa: N818 - says what is the matter, as the embedded server's troubles do
    """The hub refuses to run on this database, or as this role; the sentence says why."""


class Hub:
    """What works behind the routes: ingest, evaluator and loops, from the first good look at the database on."""

    def __init__(self, databases: Databases, corridor: Corridor) -> None:
        self.databases = databases
        self.corridor = corridor
        self.obstacle: str | None = "The hub is starting."
        """Why nothing is taken yet, in one sentence; None once everything works."""
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._opening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns when the hub works, or when only waiting can help. Raises UnsafeDatabase."""
        if not await self._try_to_open():
            log.warning("the hub is not ready", reason=self.obstacle)
            self._opening = asyncio.create_task(self._keep_trying(), name="opening")

    async def stop(self) -> None:
        """Lets what was taken reach the disk and be judged, no longer than ten seconds each."""
        if self._opening is not None:
            self._opening.cancel()
            with suppress(asyncio.CancelledError):
                await self._opening
        if self._tasks:
            try:
                async with asyncio.timeout(_DRAIN_SECONDS):
                    await self.corridor.ingest.stop()
            except TimeoutError:
                log.warning("samples that were never acknowledged are left behind", seconds=_DRAIN_SECONDS)
            self._stop.set()  # only now: what was just written is judged before the evaluator ends
            self.corridor.evaluator.invalidate()  # wakes it, so that it sees at once that it is to end
            _, late = await asyncio.wait(self._tasks, timeout=_DRAIN_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.databases.close()

    async def look(self) -> str | None:
        """What stands in the way right now, asked of the database itself."""
        if self.obstacle is not None:
            return self.obstacle
        ended = [task.get_name() for task in self._tasks if task.done()]
        if ended:
            return f"Parts of the hub have ended: {', '.join(ended)}."
        return await self._schema_obstacle()

    async def refuse_unsafe(self) -> str | None:
        """Why it cannot work here yet, None: it can. Raises UnsafeDatabase, or Unavailable while nobody can tell."""
        for database in (self.databases.app, self.databases.auth, self.databases.worker):
            objection = (await safety.posture(database)).objection
            if objection is not None:
                raise UnsafeDatabase(objection)
        obstacle = await self._schema_obstacle()
        # of another schema nobody knows what its walls should be
        if obstacle is None and (breaches := await gate.objections(self.databases.app)):
            raise UnsafeDatabase(f"The walls between organizations do not stand: {'; '.join(breaches)}.")
        return obstacle

    async def _try_to_open(self) -> bool:
        try:
            self.obstacle = await self.refuse_unsafe()
            if self.obstacle is None:
                await self._open()
        except Unavailable as away:
            self.obstacle = away.detail
        except UnsafeDatabase:
            raise
        except Exception:  # a hub that cannot start yet says so at /health/ready and tries again
            if self.obstacle != _CANNOT_START:  # told once, not at every attempt
                log.exception("the hub cannot start")
            self.obstacle = _CANNOT_START
        return self.obstacle is None

    async def _schema_obstacle(self) -> str | None:
        wanted = schema_head()
        try:
            found = await safety.revision(self.databases.app)
        except Unavailable as away:
            return away.detail
        if found == wanted:
            return None
        return f"The database schema is at {found or 'no revision'}, this hub needs {wanted}: run solarhub migrate."

    async def _open(self) -> None:
        await self.corridor.ingest.make_states_true()  # the evaluator looks there for what it has not judged
        await self.corridor.evaluator.start()
        await self.corridor.catalogues.load()
        await self.corridor.ingest.start()
        self._tasks = [
            asyncio.create_task(self.corridor.evaluator.run(self._stop), name="evaluator"),
            *(asyncio.create_task(job.run(self._stop), name=job.name) for job in self.corridor.jobs),
        ]

    async def _keep_trying(self) -> None:
        opened = False
        while not opened:
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            try:
                opened = await self._try_to_open()
            except UnsafeDatabase as unsafe:
                self.obstacle = str(unsafe)
        log.info("the hub is ready")


def create_app(
    databases: Databases,
    *,
    keyring: Keyring,
    public_url: str,
    exclusive: bool = False,
    host_names: Collection[str] = (),
    trust_anchor: TrustAnchor | None = None,
    smtp: SmtpSettings | None = None,
    webhook_networks: Collection[IpNetwork] = (),
    broker: Broker | None = None,
    dialects: Dialects | None = None,
    portal_maps: PortalMaps | None = None,
    watchers: Collection[IpNetwork] = (),
) -> FastAPI:
    """The application on these pools, which it closes at its end.

    `public_url` is what links begin with; `host_names`: what the hub is called beside its addresses and the name in
    there, in lower case. `exclusive`: the caller knows that no other hub works on this database. `trust_anchor`: what
    devices are given where the hub made its certificate itself. Without `smtp`, letters go to the preview mailbox.
    `webhook_networks`: the operator's own, into which webhooks may lead. `broker`: the hub's own for MQTT.
    `dialects`: how messages of products are read; without them, by the mappings that come with the hub. `portal_maps`:
    the same for exports of portals.
    `watchers`: from where the hub's figures may be asked for, beside this machine.
    """
    app = FastAPI(
        title="Solar Hub",
        version=solarhub.__version__,
        description="Watches fleets of solar plants: devices report, the hub stores and judges.",
        openapi_url=None,  # served among what is for people
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        generate_unique_id_function=operation_id,
        webhooks=alerts.webhooks,
        middleware=[
            # a certificate of the hub's own is a reason for exceptions, which a browser would then not allow
            Middleware(Envelope, strict_transport=public_url.startswith("https:") and trust_anchor is None),
            Middleware(
                KnownHosts,
                names={urlsplit(public_url).hostname or "", *host_names},
                open_paths=OpenPaths([*_DEVICES_PATHS, *_HEALTH_PATHS], telemetry.thingsboard.PATHS),
            ),
            Middleware(SameSite, open_paths=OpenPaths(_DEVICES_PATHS, telemetry.thingsboard.PATHS)),
            Middleware(BodyLimit, usual=_USUAL_BODY_BYTES, larger=_LARGER_BODIES),
            Middleware(Straight, ways=telemetry.ways),
        ],
    )
    furnish(
        app,
        databases,
        keyring=keyring,
        public_url=public_url,
        exclusive=exclusive,
        trust_anchor=trust_anchor,
        smtp=smtp,
        webhook_networks=webhook_networks,
        broker=broker,
        dialects=dialects,
        portal_maps=portal_maps,
    )
    app.state.watchers = tuple(watchers)
    install(app)
    _mount(app)
    return app


def furnish(
    app: FastAPI,
    databases: Databases,
    *,
    keyring: Keyring,
    public_url: str,
    exclusive: bool = False,
    trust_anchor: TrustAnchor | None = None,
    smtp: SmtpSettings | None = None,
    webhook_networks: Collection[IpNetwork] = (),
    broker: Broker | None = None,
    dialects: Dialects | None = None,
    portal_maps: PortalMaps | None = None,
) -> None:
    """Puts a hub behind routes that are there: its pools, its keys, and what works by itself. As for `create_app`."""
    public_url = public_url.rstrip("/")
    corridor = connect(
        databases,
        keyring=keyring,
        public_url=public_url,
        exclusive=exclusive,
        smtp=smtp,
        webhook_networks=webhook_networks,
        broker=broker,
        dialects=dialects,
    )
    app.state.hub = Hub(databases, corridor)
    app.state.databases = databases
    app.state.keyring = keyring
    app.state.public_url = public_url
    app.state.trust_anchor = trust_anchor
    app.state.rates = Rates(_RATES)
    app.state.passwords = Passwords()
    app.state.webhook_networks = tuple(webhook_networks)
    app.state.ingest = corridor.ingest
    app.state.catalogues = corridor.catalogues
    app.state.live = corridor.live
    app.state.metrics_edited = corridor.catalogues.edited
    app.state.dialects = corridor.dialects
    app.state.portal_maps = portal_maps
    app.state.found_changed = corridor.found_changed
    app.state.rules_edited = corridor.evaluator.invalidate


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    hub: Hub = app.state.hub
    try:
        await hub.start()
        yield
    finally:
        await hub.stop()


@cache
def schema_head() -> str:
    """The newest revision that this version of the hub brings along; its files are read once."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - only the hub itself asks, and once

    head = ScriptDirectory(str(Path(solarhub.__file__).parent / "migrations")).get_current_head()
    if head is None:
        raise RuntimeError("this installation has lost its migrations")
    return head


_FOR_PEOPLE = describe(Unreadable, Unauthenticated, Forbidden, TooLarge, TooManyRequests, Unavailable)


def _mount(app: FastAPI) -> None:
    working = [Depends(_works)]
    # in front of everything: routes are looked through in their order, and devices ask all the time
    for door in telemetry.doors:
        app.include_router(door, prefix="/api/v1", dependencies=working)
    app.include_router(_health)
    app.include_router(_watching)
    for page in pages.routers:
        app.include_router(page)
    for page in pages.of_plants_and_people:
        app.include_router(page, dependencies=working)
    for door in telemetry.foreign_doors:
        app.include_router(door, dependencies=working)
    for router in (
        # dashboards ask these again and again
        *telemetry.routers,
        *alerts.routers,
        *accounts.routers,
        *organizations.routers,
        *sites.routers,
        *devices.routers,
        *fleet.routers,
    ):
        app.include_router(router, prefix="/api/v1", dependencies=working, responses=_FOR_PEOPLE)
    app.include_router(_description, prefix="/api/v1")
    for door in telemetry.doors_of_last_resort:
        app.include_router(door, prefix="/api/v1", dependencies=working)
    check_rights(app)


async def _works(request: Request) -> None:
    hub: Hub = request.app.state.hub
    if hub.obstacle is not None:
        raise Unavailable(hub.obstacle)


_health = APIRouter(prefix="/health", tags=["health"])
_watching = APIRouter()


@_health.get("/live")
async def live() -> dict[str, str]:
    """The process answers; nothing is said of the database."""
    return {"status": "alive"}


@_health.get("/ready", responses={503: {"description": "Not ready; `detail` says why"}})
async def ready(request: Request) -> dict[str, str | float | None]:
    """Samples are taken, stored and judged, and people are answered; how old the newest backup is (null: none yet)."""
    hub: Hub = request.app.state.hub
    obstacle = await hub.look()
    if obstacle is not None:
        raise Unavailable(obstacle, retry_after=1)
    async with outages(), hub.databases.app.session() as session:
        backed_up = await runs.newest(session)
    hours = None if backed_up is None else round((now() - backed_up).total_seconds() / 3600, 2)
    return {"status": "ready", "backup_age_hours": hours}


@_watching.get("/metrics", include_in_schema=False)
async def show_figures(request: Request) -> Response:
    """The hub's figures for Prometheus, on this machine and to whoever may watch it."""
    if not _may_watch(request):
        raise NotFound
    hub: Hub = request.app.state.hub
    return Response(await figures.page(hub.corridor, hub.databases), media_type=CONTENT_TYPE_LATEST)


def _may_watch(request: Request) -> bool:
    """What a proxy on this machine passes on comes from here too, and says so."""
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    try:
        address = ip_address(client_address(request))
    except ValueError:
        return False
    return address.is_loopback or any(address in network for network in request.app.state.watchers)


_description = APIRouter()


@_description.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request, _actor: Asking) -> JSONResponse:
    """This API, described."""
    return JSONResponse(description_of(request.app))

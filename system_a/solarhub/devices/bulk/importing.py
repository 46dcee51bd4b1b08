"""A file of plants, devices and customers is entered: in one transaction, each plant for itself inside it.

The same file may come again: plants are known by their names, devices by serial number or by name at their plant,
customers by e-mail address, telephone or name. What is there is left as it is.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from solarhub.devices import registry
from solarhub.devices.bulk.plan import PlannedCustomer, PlannedDevice, PlannedSite, RowError, key_of, plan
from solarhub.devices.bulk.table import Table
from solarhub.devices.queries import bulk as queries
from solarhub.devices.schemas.bulk import (
    CustomerOutcome,
    DeviceOutcome,
    ImportAnswer,
    ImportMode,
    ImportWish,
    Outcome,
    RowErrorAnswer,
    SiteOutcome,
    Tally,
)
from solarhub.devices.serials import SerialNumberTaken, count_taken
from solarhub.kit.db import Database, Session
from solarhub.kit.errors import FieldError, Forbidden, Invalid
from solarhub.kit.sealing import Keyring
from solarhub.organizations.access import Standing
from solarhub.organizations.roles import Permission
from solarhub.sites import grants
from solarhub.sites import registry as site_registry
from solarhub.sites.models import Site

_SITES_AT_ONCE = 25


@dataclass(slots=True)
class Import:
    """One file on its way in, and what has come of it so far."""

    here: Standing
    table: Table
    wish: ImportWish
    keyring: Keyring
    public_url: str
    auth_database: Database
    planned: list[PlannedSite] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    results: list[SiteOutcome] = field(default_factory=list)
    there_by_serial: dict[str, UUID] = field(default_factory=dict)
    there_by_name: dict[UUID, dict[str, UUID]] = field(default_factory=dict)
    sites: dict[UUID, Site] = field(default_factory=dict)

    @property
    def organization_id(self) -> UUID:
        return self.here.organization.id

    def answer(self) -> ImportAnswer:
        """What came of it."""
        return ImportAnswer(
            stored=not self.wish.dry_run,
            rows=len(self.table.rows),
            sites=_tally([site.outcome for site in self.results]),
            devices=_tally([device.outcome for site in self.results for device in site.devices]),
            customers=_tally([customer.outcome for site in self.results for customer in site.customers]),
            errors=[RowErrorAnswer.model_validate(error) for error in _in_order(self.errors)],
            results=self.results,
        )


async def look(session: Session, wanted: Import) -> None:
    """Finds out what the file asks for, what of it is there, and what is wrong; nothing is written.

    Forbidden for whoever may not enter devices or let customers in, and has a file that does.
    """
    await queries.one_at_a_time(session, wanted.organization_id)
    there: dict[str, list[UUID]] = {}
    for site_id, name in await queries.site_names(session, wanted.organization_id):
        there.setdefault(key_of(name), []).append(site_id)
    wanted.planned, wanted.errors = plan(wanted.table, there, await queries.disco_codes(session))
    _check_rights(wanted)
    devices = [device.registration for site in wanted.planned for device in site.devices]
    serials = {device.serial_number for device in devices if device.serial_number is not None}
    known = {site.site_id for site in wanted.planned if site.site_id is not None}
    if serials:
        wanted.there_by_serial = await queries.devices_by_serial(session, wanted.organization_id, serials)
    if known:
        wanted.there_by_name = await queries.devices_by_name(session, known)
        wanted.sites = await queries.sites(session, known)


def _check_rights(wanted: Import) -> None:
    for right, asked, what in (
        (Permission.DEVICES_CHANGE, any(site.devices for site in wanted.planned), "devices"),
        (Permission.DEVICES_CONNECTION, any(site.devices for site in wanted.planned), "how devices are reached"),
        (Permission.GRANTS_CHANGE, any(site.customers for site in wanted.planned), "customers"),
    ):
        if asked and not wanted.here.can(right):
            raise Forbidden(f"This file enters {what}, which needs the right {right.value}.")


async def carry_out(session: Session, wanted: Import) -> AsyncGenerator[int, None]:
    """Enters it, after `look`; now and then yields how many plants are through.

    Invalid, with every bad row, where all or nothing was asked for and something is wrong: the caller's transaction
    must end with it. TooManyRequests for a file that meets too many serial numbers of strangers.
    """
    is_whole = wanted.wish.mode is ImportMode.ALL_OR_NOTHING
    if not wanted.wish.dry_run and is_whole:
        _refuse(wanted)
    for number, planned in enumerate(wanted.planned, 1):
        wanted.results.append(await _site(session, wanted, planned))
        if number % _SITES_AT_ONCE == 0:
            yield number
    if not wanted.wish.dry_run and is_whole:
        _refuse(wanted)


def _refuse(wanted: Import) -> None:
    if not wanted.errors:
        return
    raise Invalid(
        [FieldError(_place(error), error.value, error.message, error.allowed) for error in _in_order(wanted.errors)],
        f"{_counted(wanted.errors)} wrong, and nothing was stored. mode=row_by_row stores the rows that are good.",
    )


def _place(error: RowError) -> str:
    return f"lines[{error.line}]" + (f".{error.column}" if error.column else "")


def _counted(errors: Sequence[RowError]) -> str:
    return "1 cell is" if len(errors) == 1 else f"{len(errors)} cells are"


def _in_order(errors: Sequence[RowError]) -> list[RowError]:
    return sorted(errors, key=lambda error: error.line)


def _tally(outcomes: Sequence[Outcome]) -> Tally:
    counted = Counter(outcomes)
    return Tally(new=counted[Outcome.NEW], already_there=counted[Outcome.ALREADY_THERE], failed=counted[Outcome.FAILED])


# -------------------------------------------------------------------------------------------------------- one plant


async def _site(session: Session, wanted: Import, planned: PlannedSite) -> SiteOutcome:
    site: Site | None = None
    outcome = Outcome.ALREADY_THERE if planned.site_id is not None else Outcome.NEW
    if not planned.is_possible:
        outcome = Outcome.FAILED
    elif planned.site_id is not None:
        site = wanted.sites[planned.site_id]
    elif planned.registration is not None and not wanted.wish.dry_run:
        site = await site_registry.register(session, wanted.organization_id, planned.registration)
    devices = [await _device(session, wanted, site, each, outcome) for each in planned.devices]
    if site is not None:
        await session.refresh(site)  # a device that was refused took back what this plant had in memory
    customers = [await _customer(session, wanted, site, each, outcome) for each in planned.customers]
    return SiteOutcome(
        line=planned.line,
        name=planned.name,
        outcome=outcome,
        site_id=site.id if site is not None else None,
        devices=devices,
        customers=customers,
    )


async def _device(
    session: Session, wanted: Import, site: Site | None, planned: PlannedDevice, of_site: Outcome
) -> DeviceOutcome:
    registration = planned.registration
    there = wanted.there_by_serial.get(registration.serial_number or "")
    if there is None and site is not None:
        there = wanted.there_by_name.get(site.id, {}).get(registration.name)
    outcome = Outcome.ALREADY_THERE if there is not None else Outcome.NEW
    if there is None and of_site is Outcome.FAILED:
        outcome = Outcome.FAILED
    elif there is None and site is not None and not wanted.wish.dry_run:
        there = await _enter(session, wanted, site.id, planned)
        outcome = Outcome.NEW if there is not None else Outcome.FAILED
    return DeviceOutcome(
        line=planned.line,
        name=registration.name,
        serial_number=registration.serial_number,
        outcome=outcome,
        device_id=there,
    )


async def _enter(session: Session, wanted: Import, site_id: UUID, planned: PlannedDevice) -> UUID | None:
    """The new device; None for one whose serial number is taken somewhere on the hub, which is noted."""
    registration = planned.registration.model_copy(update={"site_id": site_id})
    try:
        async with session.begin_nested():
            device = await registry.register(session, wanted.keyring, wanted.organization_id, registration)
    except SerialNumberTaken:
        await count_taken(wanted.auth_database, wanted.organization_id)
        message = "is taken by another device of this hub; if it stands on yours, enter the device alone and claim it"
        taken = RowError(planned.line, "serial_number", registration.serial_number, message, "a number that is free")
        wanted.errors.append(taken)
        return None
    return device.id


async def _customer(
    session: Session, wanted: Import, site: Site | None, planned: PlannedCustomer, of_site: Outcome
) -> CustomerOutcome:
    asked = planned.wanted
    outcome, link, expires_at = of_site, None, None
    if site is not None:
        known = await grants.find_alike(session, site.id, asked)
        outcome = Outcome.ALREADY_THERE if known is not None else Outcome.NEW
        if known is None and not wanted.wish.dry_run:
            made, link = await grants.grant(
                session,
                wanted.here,
                site,
                asked,
                keyring=wanted.keyring,
                public_url=wanted.public_url,
                mail=wanted.wish.mail,
                qr=False,
            )
            expires_at = made.invitation_expires
    return CustomerOutcome(
        line=planned.line,
        name=asked.name,
        phone=asked.phone,
        email=asked.email,
        outcome=outcome,
        link=link.link if link is not None else None,
        whatsapp_link=link.whatsapp_link if link is not None else None,
        expires_at=expires_at,
    )

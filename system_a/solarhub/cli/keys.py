"""`solarhub keys …`: the secret keys that seal what the hub must be able to read again."""

from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple

import typer

from solarhub.accounts import second_factor
from solarhub.cli.operator import DataDir, Desk, operate
from solarhub.cli.secret_keys import KEY_FILE
from solarhub.cli.shown import AsJson, show_done
from solarhub.config import Settings
from solarhub.devices.sealing import START, reseal_all
from solarhub.kit import idempotency
from solarhub.kit.db import Database, Tenancy, set_tenants, transaction
from solarhub.kit.postgres import default_data_dir, has_database, hub_lock
from solarhub.kit.resealing import SealedColumn, owners, reseal
from solarhub.kit.sealing import new_key, write_keys
from solarhub.notifications import outbox
from solarhub.organizations import webhooks
from solarhub.organizations.models import Webhook

app = typer.Typer(
    help="The secret keys that seal passwords and tokens in the database.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


_WITHOUT_A_KEY = {
    "devices": "No key opens the secrets of {} devices: enter them again.",
    "second_factors": "No key opens {} second factors: a recovery code lets their people in, who set up a new one.",
    "webhooks": "No key opens what {} webhooks sign with: make them anew.",
    "messages": "No key opens the links in {} messages: those that have not gone out yet never will.",
    "answers": "No key opens {} kept answers: whoever repeats such a request within a day of it is refused.",
}
"""What follows from it, of everything that is sealed."""


class _Done(NamedTuple):
    sealed: int
    unopened: int


@app.command()
def new() -> None:
    """Print a new key, for SOLARHUB_SECRET_KEY or a line of SOLARHUB_SECRET_KEY_FILE."""
    print(new_key())


@app.command()
def rotate(
    *,
    only_seal: Annotated[
        bool, typer.Option("--only-seal", help="Make no new key; seal anew what earlier ones sealed.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Put a new key in front of the hub's own, and seal with it what earlier ones sealed. The hub must be stopped.

    Where the keys come from the environment, put the new one in front there (`solarhub keys new`), start the hub anew,
    and run this. Earlier keys stay: nothing in the database needs them any more, but backups do.
    """
    settings = Settings(data_dir=data_dir)
    elsewhere = data_dir is None and settings.database_url is not None
    if elsewhere or only_seal or settings.secret_key is not None or settings.secret_key_file is not None:
        done = operate(data_dir, _seal)
    else:
        place = settings.data_dir or default_data_dir()
        if not has_database(place):
            raise SystemExit(f"There is no hub in {place} yet: `solarhub up` makes one.")
        with hub_lock(place):  # a hub that runs has its keys in memory, and could not read what a new one sealed
            path = place / KEY_FILE
            earlier = path.read_text("ascii").splitlines() if path.exists() else []
            write_keys(path, [new_key(), *earlier])
            done = operate(data_dir, _seal)
    counted = ", ".join(f"{each.sealed} {name.replace('_', ' ')}" for name, each in done.items())
    said = [f"Sealed anew: {counted}."]
    said += [_WITHOUT_A_KEY[name].format(each.unopened) for name, each in done.items() if each.unopened]
    show_done("\n".join(said), {name: each._asdict() for name, each in done.items()}, as_json=as_json)


async def _seal(desk: Desk) -> Mapping[str, _Done]:
    """Everything that the hub seals, each by the role that may write it."""
    pools = desk.databases
    nobody = [Tenancy()]
    async with transaction(pools.worker) as session:
        organizations = [Tenancy(frozenset([each])) for each in await owners(session, Webhook.organization_id)]
        actors = [Tenancy(actor_id=each) for each in await owners(session, idempotency.IdempotentAnswer.actor_id)]
    return {
        "devices": await _devices(desk),
        "second_factors": await _column(desk, pools.auth, second_factor.SEALED, nobody),
        "webhooks": await _column(desk, pools.app, webhooks.SEALED, organizations),
        "messages": await _column(desk, pools.worker, outbox.SEALED, nobody),
        "answers": await _column(desk, pools.app, idempotency.SEALED, actors),
    }


async def _column(desk: Desk, database: Database, wanted: SealedColumn, places: Sequence[Tenancy]) -> _Done:
    sealed = unopened = 0
    for place in places:
        last = None
        while True:
            async with transaction(database) as session:
                await set_tenants(session, place)
                batch = await reseal(session, desk.keyring, wanted, after=last)
            sealed, unopened, last = sealed + batch.sealed, unopened + batch.unopened, batch.last
            if last is None:
                break
    return _Done(sealed, unopened)


async def _devices(desk: Desk) -> _Done:
    sealed = unopened = 0
    after = START
    while True:
        async with transaction(desk.databases.worker) as session:
            batch = await reseal_all(session, desk.keyring, after=after)
        sealed, unopened = sealed + batch.sealed, unopened + batch.unopened
        if batch.last is None:
            return _Done(sealed, unopened)
        after = batch.last

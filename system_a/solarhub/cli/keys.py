"""`solarhub keys …`: the secret keys that seal what the hub must be able to read again."""

from typing import Annotated

import typer

from solarhub.cli.operator import DataDir, Desk, operate
from solarhub.cli.secret_keys import KEY_FILE
from solarhub.cli.shown import AsJson, show_done
from solarhub.config import Settings
from solarhub.devices.sealing import START, reseal_all
from solarhub.kit.db import transaction
from solarhub.kit.postgres import default_data_dir, has_database, hub_lock
from solarhub.kit.sealing import new_key, write_keys

app = typer.Typer(
    help="The secret keys that seal passwords and tokens in the database.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


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
    and run this. Earlier keys stay: backups, and messages on their way, were sealed with them.
    """
    settings = Settings(data_dir=data_dir)
    elsewhere = data_dir is None and settings.database_url is not None
    if elsewhere or only_seal or settings.secret_key is not None or settings.secret_key_file is not None:
        sealed, unopened = operate(data_dir, _seal)
    else:
        place = settings.data_dir or default_data_dir()
        if not has_database(place):
            raise SystemExit(f"There is no hub in {place} yet: `solarhub up` makes one.")
        with hub_lock(place):  # a hub that runs has its keys in memory, and could not read what a new one sealed
            path = place / KEY_FILE
            earlier = path.read_text("ascii").splitlines() if path.exists() else []
            write_keys(path, [new_key(), *earlier])
            sealed, unopened = operate(data_dir, _seal)
    said = f"Secrets of {sealed} devices were sealed anew."
    if unopened:
        said += f" No key opens those of {unopened} devices: enter them again."
    show_done(said, {"sealed": sealed, "unopened": unopened}, as_json=as_json)


async def _seal(desk: Desk) -> tuple[int, int]:
    sealed = unopened = 0
    after = START
    while True:
        async with transaction(desk.databases.worker) as session:
            batch = await reseal_all(session, desk.keyring, after=after)
        sealed, unopened = sealed + batch.sealed, unopened + batch.unopened
        if batch.last is None:
            return sealed, unopened
        after = batch.last

"""`solarhub …`: the list of command families. A family is imported when it is called, so that `--help` stays quick."""

from importlib import import_module
from keyword import iskeyword
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from solarhub import __version__

FAMILIES = {
    "up": "The whole hub on this machine: database, API, web page and workers",
    "demo": "Watch a real plant: the hub on a throw-away directory, with one day replayed",
    "replay": "Send a recorded plant through the public API, as its devices would",
    "db": "The database: create, start, stop, look inside",
    "backup": "The whole database into one file, while the hub works",
    "restore": "A backup, brought back into an empty place",
    "migrate": "Bring the database to this version's schema",
    "schema": "Print the schema as SQL",
    "permissions": "Print who may do what",
    "metrics": "Print what devices may report",
    "discos": "The distribution companies that sites may name",
    "create-admin": "Let somebody run the hub",
    "sign-in-link": "Print a link that signs somebody in once",
    "users": "Everybody with an account",
    "orgs": "The organizations of this hub",
    "sites": "Their plants: list, show, import a file",
    "import": "Measurements of the past, from exports of portals: try, store, undo",
    "devices": "Their devices, and the tokens that these report with",
    "found": "Who reports at the brokers without being known: list, adopt, ignore",
    "morning": "What needs somebody, as a message for a chat",
    "grants": "Who sees single plants of an organization",
    "tokens": "API keys of scripts, tokens of devices",
    "readers": "Logins of the database for dashboards and notebooks",
    "telemetry": "What is stored of the plants, raw and compressed, and how large it is",
    "verify": "Whether the alerts are those that the stored samples call for",
    "mail": "What the hub tells people: try its mail server, look at what was sent",
    "keys": "The secret keys that seal passwords and tokens in the database",
}
"""Name of a family (and of its module beside this one, as `_module_of` has it), and its line in `solarhub --help`."""


def _module_of(name: str) -> str:
    """Hyphens underlined, and a line behind what is a word of Python's own."""
    return f"{name}_" if iskeyword(name) else name.replace("-", "_")


class _Families(TyperGroup):
    # `Any`: typer keeps its copy of click to itself, so that these parameters have no public type.

    def list_commands(self, _ctx: Any) -> list[str]:
        return list(FAMILIES)

    def get_command(self, _ctx: Any, cmd_name: str) -> TyperCommand | None:
        """For the list in `--help`: the name and its line, without the import."""
        return TyperCommand(cmd_name, help=FAMILIES[cmd_name]) if cmd_name in FAMILIES else None

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        if name in FAMILIES:
            command = get_command(import_module(f"solarhub.cli.{_module_of(name)}").app)
        return name, command, rest

    def invoke(self, ctx: Any) -> Any:
        """What the rooms refuse ends the command with their sentence; what nobody foresaw keeps its traceback."""
        try:
            return super().invoke(ctx)
        except Exception as error:  # what has no sentence is raised as it is
            sentence = _sentence_of(error)
            if sentence is None:
                raise
            raise SystemExit(sentence) from None


def _sentence_of(error: Exception) -> str | None:
    from solarhub.config import WrongSettings  # noqa: PLC0415 - only where something went wrong
    from solarhub.kit.errors import Invalid, Problem  # noqa: PLC0415 - the same
    from solarhub.kit.postgres import ServerTrouble  # noqa: PLC0415 - the same

    if isinstance(error, Invalid) and error.errors:
        return "\n".join(f"{each.field}: {each.message}; allowed: {_told(each.allowed)}" for each in error.errors)
    if isinstance(error, Problem):
        return error.detail
    return str(error) if isinstance(error, WrongSettings | ServerTrouble) else None


def _told(allowed: str | list[str]) -> str:
    return allowed if isinstance(allowed, str) else ", ".join(allowed)


# Plain help: drawing it with rich takes three times as long as everything else here.
app = typer.Typer(
    cls=_Families,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback(help="Solar Hub watches fleets of solar plants.")
def solarhub(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    pass

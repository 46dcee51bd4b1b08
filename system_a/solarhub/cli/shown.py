"""What a command has found: a table for a person, JSON for a script."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for a script.")]

_LONGEST_CELL = 60


def show_list(rows: Iterable[BaseModel], columns: Mapping[str, str], *, as_json: bool) -> None:
    """`columns` are headings by field, dots leading into nested ones; JSON has every field."""
    documents = [row.model_dump(mode="json") for row in rows]
    if as_json:
        _print_json(documents)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in columns.values():
        table.add_column(heading, overflow="fold")
    for document in documents:
        table.add_row(*(_cell(_at(document, path)) for path in columns))
    _console().print(table)


def show_one(row: BaseModel, *, as_json: bool) -> None:
    """Every field on a line of its own."""
    document = row.model_dump(mode="json")
    if as_json:
        _print_json(document)
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in document.items():
        table.add_row(name, _cell(value, whole=True))
    _console().print(table)


def show_done(sentence: str, document: Mapping[str, Any], *, as_json: bool) -> None:
    """What was done: a sentence, or the facts of it."""
    if as_json:
        _print_json(document)
    else:
        print(sentence)


def _console() -> Console:
    """Piped output is as wide as it wants: a cut id is no id."""
    console = Console(markup=False, highlight=False)
    return console if console.is_terminal else Console(markup=False, highlight=False, width=10_000)


def _print_json(document: Any) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def _at(document: Any, path: str) -> Any:
    for key in path.split("."):
        document = document.get(key) if isinstance(document, Mapping) else None
    return document


def _cell(value: Any, *, whole: bool = False) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case str():
            text = _instant(value)
        case Sequence() | Mapping():
            text = json.dumps(value, ensure_ascii=False)
        case _:
            text = str(value)
    return text if whole or len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}…"


def _instant(text: str) -> str:
    """To the second: microseconds are for programs."""
    if len(text) < 20 or text[10:11] != "T":
        return text
    try:
        return datetime.fromisoformat(text).isoformat(" ", "seconds")
    except ValueError:
        return text

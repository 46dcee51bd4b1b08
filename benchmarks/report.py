"""The answers as a table for people, and as figures for whoever compares two commits."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.measure import Answer

HERE = Path(__file__).parent
COLUMNS = ("question", "asked by", "p50 ms", "p99 ms", "rows", "index used")


def figures(answers: Sequence[Answer]) -> dict[str, float]:
    """`<question>_p50_ms` and `<question>_p99_ms`."""
    found: dict[str, float] = {}
    for answer in answers:
        found[f"{answer.figure}_p50_ms"] = answer.p50_ms
        found[f"{answer.figure}_p99_ms"] = answer.p99_ms
    return found


def show(console: Console, answers: Sequence[Answer]) -> None:
    table = Table(*COLUMNS[:2])
    for name in COLUMNS[2:5]:
        table.add_column(name, justify="right")
    table.add_column(COLUMNS[5], overflow="fold")
    for answer in answers:
        table.add_row(*_cells(answer, separator="\n"))
    console.print(table)


def keep(answers: Sequence[Answer], context: Mapping[str, float], setting: str) -> None:
    """Writes latest.json (figures alone) and latest.md (the table) beside this file."""
    flat = {**context, **figures(answers)}
    (HERE / "latest.json").write_text(json.dumps(flat, indent=2) + "\n")
    lines = ["# The latest full benchmark", "", setting, ""]
    lines += [_line(COLUMNS), _line(["---", "---", "---:", "---:", "---:", "---"])]
    lines += [_line(_cells(answer, separator=", ")) for answer in answers]
    (HERE / "latest.md").write_text("\n".join(lines) + "\n")


def _cells(answer: Answer, separator: str) -> list[str]:
    return [
        answer.says,
        answer.role,
        f"{answer.p50_ms:.2f}",
        f"{answer.p99_ms:.2f}",
        str(answer.rows),
        separator.join(answer.indexes),
    ]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"

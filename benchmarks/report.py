"""The answers as a table for people, and as figures for whoever compares two commits."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.measure import Answer
from benchmarks.requests import Request

HERE = Path(__file__).parent
COLUMNS = ("question", "asked by", "p50 ms", "p99 ms", "rows", "index used")
REQUEST_COLUMNS = ("request", "behind it", "p50 ms", "p99 ms", "bare p50 ms", "ratio")


def figures(answers: Sequence[Answer], requests: Sequence[Request]) -> dict[str, float]:
    """`<question>_p50_ms` and `<question>_p99_ms`; of a request also `_bare_p50_ms` and `_ratio`."""
    found: dict[str, float] = {}
    for answer in answers:
        found[f"{answer.figure}_p50_ms"] = answer.p50_ms
        found[f"{answer.figure}_p99_ms"] = answer.p99_ms
    for request in requests:
        found[f"{request.figure}_p50_ms"] = request.p50_ms
        found[f"{request.figure}_p99_ms"] = request.p99_ms
        found[f"{request.figure}_bare_p50_ms"] = request.bare_p50_ms
        found[f"{request.figure}_ratio"] = request.ratio
    return found


def show(console: Console, answers: Sequence[Answer], requests: Sequence[Request]) -> None:
    table = Table(*COLUMNS[:2])
    for name in COLUMNS[2:5]:
        table.add_column(name, justify="right")
    table.add_column(COLUMNS[5], overflow="fold")
    for answer in answers:
        table.add_row(*_cells(answer, separator="\n"))
    console.print(table)
    table = Table(*REQUEST_COLUMNS[:2])
    for name in REQUEST_COLUMNS[2:]:
        table.add_column(name, justify="right")
    for request in requests:
        table.add_row(*_request_cells(request))
    console.print(table)


def keep(answers: Sequence[Answer], requests: Sequence[Request], context: Mapping[str, float], setting: str) -> None:
    """Writes latest.json (figures alone) and latest.md (the tables) beside this file."""
    flat = {**context, **figures(answers, requests)}
    (HERE / "latest.json").write_text(json.dumps(flat, indent=2) + "\n")
    lines = ["# The latest full benchmark", "", setting, ""]
    lines += [_line(COLUMNS), _line(["---", "---", "---:", "---:", "---:", "---"])]
    lines += [_line(_cells(answer, separator=", ")) for answer in answers]
    lines += [
        "",
        "Whole requests, in the hub's own process, beside what stands behind each, measured in the same run:",
        "",
    ]
    lines += [_line(REQUEST_COLUMNS), _line(["---", "---", "---:", "---:", "---:", "---:"])]
    lines += [_line(_request_cells(request)) for request in requests]
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


def _request_cells(request: Request) -> list[str]:
    return [
        request.says,
        request.behind,
        f"{request.p50_ms:.2f}",
        f"{request.p99_ms:.2f}",
        f"{request.bare_p50_ms:.2f}",
        f"{request.ratio:.2f}",
    ]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"

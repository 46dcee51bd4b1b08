"""Reads plans as EXPLAIN (FORMAT JSON) gives them."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

Node = Mapping[str, Any]


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def indexes(plan: Node) -> list[str]:
    """Names of the indexes that a plan reads, in the plan's order, each once."""
    return list(dict.fromkeys(node["Index Name"] for node in _nodes(plan) if "Index Name" in node))


def sequential_scans(plan: Node, big: Collection[str]) -> list[str]:
    """Those of the `big` tables that a plan reads from end to end, in parallel or not, each once."""
    scanned = (node["Relation Name"] for node in _nodes(plan) if node["Node Type"] == "Seq Scan")
    return list(dict.fromkeys(table for table in scanned if table in big))

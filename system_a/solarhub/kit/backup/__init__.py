"""A whole database in one file, and back: taken while the hub works, checked when it is written and when it is read."""

from collections.abc import Callable

from solarhub.kit.backup.archive import Damaged, Manifest, Table, read_manifest, verify
from solarhub.kit.backup.dumping import back_up
from solarhub.kit.backup.restoring import NotEmpty, Unequal, restore

Tell = Callable[[str, float], None]
"""Hears what is being done, and how much of it is: from 0 to 1."""

__all__ = [
    "Damaged",
    "Manifest",
    "NotEmpty",
    "Table",
    "Tell",
    "Unequal",
    "back_up",
    "read_manifest",
    "restore",
    "verify",
]

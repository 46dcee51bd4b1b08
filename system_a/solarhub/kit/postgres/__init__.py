"""The embedded PostgreSQL under our own supervision, and the database roles on any PostgreSQL."""

from solarhub.kit.postgres.binaries import Binaries, find_binaries
from solarhub.kit.postgres.directory import default_data_dir, hub_lock
from solarhub.kit.postgres.errors import (
    HubAlreadyRunning,
    NoEmbeddedServer,
    NoServiceUser,
    ServerTrouble,
    StartFailed,
    UnusableDirectory,
    WrongDataVersion,
)
from solarhub.kit.postgres.roles import ensure_roles
from solarhub.kit.postgres.server import Server, start

__all__ = [
    "Binaries",
    "HubAlreadyRunning",
    "NoEmbeddedServer",
    "NoServiceUser",
    "Server",
    "ServerTrouble",
    "StartFailed",
    "UnusableDirectory",
    "WrongDataVersion",
    "default_data_dir",
    "ensure_roles",
    "find_binaries",
    "hub_lock",
    "start",
]

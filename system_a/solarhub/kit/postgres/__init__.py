"""The embedded PostgreSQL under our own supervision, and the database roles on any PostgreSQL."""

from solarhub.kit.postgres.binaries import Binaries, find_binaries
from solarhub.kit.postgres.cluster import ADMIN
from solarhub.kit.postgres.directory import default_data_dir, has_database, hub_lock
from solarhub.kit.postgres.errors import (
    HubAlreadyRunning,
    NoEmbeddedServer,
    NoServiceUser,
    ServerTrouble,
    StartFailed,
    Unreachable,
    UnusableDirectory,
    WrongDataVersion,
)
from solarhub.kit.postgres.overview import overview, told, without_password
from solarhub.kit.postgres.roles import LOGINS, ensure_roles, existing_logins, with_database, with_login
from solarhub.kit.postgres.server import Server, attach, start, stop_running

__all__ = [
    "ADMIN",
    "LOGINS",
    "Binaries",
    "HubAlreadyRunning",
    "NoEmbeddedServer",
    "NoServiceUser",
    "Server",
    "ServerTrouble",
    "StartFailed",
    "Unreachable",
    "UnusableDirectory",
    "WrongDataVersion",
    "attach",
    "default_data_dir",
    "ensure_roles",
    "existing_logins",
    "find_binaries",
    "has_database",
    "hub_lock",
    "overview",
    "start",
    "stop_running",
    "told",
    "with_database",
    "with_login",
    "without_password",
]

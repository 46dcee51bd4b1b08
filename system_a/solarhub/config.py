"""What an operator may set, as `SOLARHUB_…` variables. Read by the composition roots and the CLI, and passed in."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Everything has a default: with no variable at all the hub runs on its embedded server.

    URLs are libpq's: `postgresql://user:password@host:5432/solarhub?sslmode=require`. The four of them log in as the
    roles solarhub_app, solarhub_auth, solarhub_worker and as a member of solarhub_owner (migrations; falls back to the
    first). `data_dir` is where the embedded server keeps its files.
    """

    model_config = SettingsConfigDict(env_prefix="SOLARHUB_", frozen=True, env_ignore_empty=True, extra="ignore")

    database_url: str | None = None
    auth_database_url: str | None = None
    worker_database_url: str | None = None
    owner_database_url: str | None = None
    data_dir: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)

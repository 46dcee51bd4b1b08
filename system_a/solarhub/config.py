"""What an operator may set, as `SOLARHUB_…` variables. Read by the composition roots and the CLI, and passed in."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Network = IPv4Network | IPv6Network

_OPTIONS = {
    "data_dir": "--data-dir",
    "host": "--host",
    "port": "--port",
    "public_url": "--public-url",
    "trusted_proxies": "--trusted-proxy",
    "tls_certificate": "--tls-certificate",
    "tls_key": "--tls-key",
    "mqtt": "--mqtt",
    "mqtt_host": "--mqtt-host",
    "mqtt_port": "--mqtt-port",
    "mqtt_tls_port": "--mqtt-tls-port",
}
_LOGINS = ("", "auth_", "worker_", "owner_", "backup_")
_SECRET = frozenset({"secret_key", "smtp_url", *(f"{login}database_url" for login in _LOGINS)})


class WrongSettings(Exception):  # noqa: N818 - says what is the matter with them
    """Settings that cannot be used: a sentence for each, with the name of its variable."""


def _networks(value: object) -> object:
    """An address is a network of one; several stand in one variable with commas between them."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        return value
    return tuple(_network(str(part).strip()) for part in parts if str(part).strip())


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        raise ValueError(f"{text} is no address such as 127.0.0.1 and no network such as 10.0.0.0/8") from None


def _address_of_hub(value: str) -> str:
    parts = urlsplit(value)
    host = parts.hostname
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise ValueError("it is a web address such as https://hub.example.com")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("it ends after the name, or the port: the hub is served at the root of its address")
    if parts.scheme == "http" and not is_loopback_name(host):
        raise ValueError("it begins with https:// anywhere but on this machine: people sign in there")
    shown = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}[parts.scheme]
    port = "" if parts.port in (None, default) else f":{parts.port}"
    return f"{parts.scheme}://{shown}{port}"


def is_loopback_name(host: str) -> bool:
    """Whether a host is this machine for itself: localhost, or an address such as 127.0.0.1."""
    try:
        return host.lower() == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)]


class Settings(BaseSettings):
    """Everything has a default: with no variable at all the hub runs on its embedded server.

    URLs of databases are libpq's: `postgresql://user:password@host:5432/solarhub?sslmode=require`. The four of them log
    in as the roles solarhub_app, solarhub_auth, solarhub_worker and as a member of solarhub_owner (migrations; falls
    back to the first). `data_dir` is where the embedded server keeps its files.
    `host`: None is the loopback, or every address where TLS is served. `public_url`: what links in messages begin with.
    `backup_dir`: where backups are put by themselves, `backup_keep` of them; None: only when somebody asks.
    `mqtt`: a broker of the hub's own runs beside it; plain MQTT at `mqtt_host`, and where TLS is served, MQTT over TLS.
    `dialects_dir`: mappings of the operator's own, beside those that come with the hub; `portal_maps_dir`: the same
    for exports of portals.
    `secret_key`: as `solarhub keys new` prints it; the embedded hub keeps its own in its data directory.
    Raises WrongSettings.
    """

    model_config = SettingsConfigDict(env_prefix="SOLARHUB_", frozen=True, env_ignore_empty=True, extra="ignore")

    database_url: str | None = None
    auth_database_url: str | None = None
    worker_database_url: str | None = None
    owner_database_url: str | None = None
    backup_database_url: str | None = None
    backup_dir: Path | None = None
    backup_every_hours: float = Field(default=24, ge=1, le=24 * 31)
    backup_keep: int = Field(default=7, ge=1, le=1000)
    data_dir: Path | None = None
    host: str | None = None
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: Annotated[str, AfterValidator(_address_of_hub)] | None = None
    trusted_proxies: Networks = ()
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_local: bool = False
    secret_key: str | None = Field(default=None, repr=False)
    secret_key_file: Path | None = None
    smtp_url: str | None = Field(default=None, repr=False)
    webhook_allowed_cidrs: Networks = ()
    metrics_networks: Networks = ()
    dialects_dir: Path | None = None
    portal_maps_dir: Path | None = None
    mqtt: bool = False
    mqtt_host: str = "127.0.0.1"
    mqtt_port: int = Field(default=1883, ge=1, le=65535)
    mqtt_tls_port: int = Field(default=8883, ge=1, le=65535)

    def __init__(self, **given: Any) -> None:
        """What is `given` on the command line comes before the environment; None there is not given."""
        try:
            super().__init__(**{name: value for name, value in given.items() if value is not None})
        except ValidationError as error:
            raise WrongSettings("\n".join(_sentence(each) for each in error.errors())) from None


def _sentence(error: Any) -> str:
    name = str(error["loc"][0])
    variable = f"SOLARHUB_{name.upper()}"
    option = _OPTIONS.get(name)
    given = "" if name in _SECRET else f" is {error['input']!r}:"
    why = str(error["ctx"]["error"]) if error["type"] == "value_error" else error["msg"][:1].lower() + error["msg"][1:]
    return f"{variable}{f' (or {option})' if option else ''}{given} {why}."

"""Database URLs as libpq has them (`postgresql://…?sslmode=require`, or `?host=/socket/folder`), for both libraries."""

import ssl
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sqlalchemy.engine import URL

_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


def asyncpg_arguments(url: str) -> dict[str, Any]:
    """Arguments of `asyncpg.connect` for a libpq URL. Raises ValueError with a sentence for what is not understood."""
    parts = urlsplit(url)
    if parts.scheme.split("+")[0] not in ("postgresql", "postgres"):
        raise ValueError(f"a database URL starts with postgresql://, not {parts.scheme or 'nothing'}://")
    options = dict(parse_qsl(parts.query))
    arguments: dict[str, Any] = {}
    host = options.pop("host", None) or (unquote(parts.hostname) if parts.hostname else None)
    if host:
        arguments["host"] = host
    port = options.pop("port", None) or parts.port
    if port:
        arguments["port"] = int(port)
    if parts.username or "user" in options:
        arguments["user"] = options.pop("user", None) or unquote(parts.username or "")
    password = options.pop("password", None) or (unquote(parts.password) if parts.password else None)
    if password:
        arguments["password"] = password
    database = unquote(parts.path.lstrip("/")) or options.pop("dbname", "")
    if database:
        arguments["database"] = database
    tls = _tls(options)
    if tls is not None:
        arguments["ssl"] = tls
    settings = {"application_name": options.pop("application_name", "solarhub")}
    if "connect_timeout" in options:
        arguments["timeout"] = float(options.pop("connect_timeout"))
    if options:
        raise ValueError(f"the database URL has options that are not understood: {', '.join(sorted(options))}")
    arguments["server_settings"] = settings
    return arguments


def _tls(options: dict[str, str]) -> ssl.SSLContext | str | None:
    """Takes libpq's ssl… options out; a mode by name, or a context where certificates are named."""
    mode = options.pop("sslmode", None)
    root, certificate, key = (options.pop(name, None) for name in ("sslrootcert", "sslcert", "sslkey"))
    if mode is not None and mode not in _SSL_MODES:
        raise ValueError(f"sslmode={mode} in the database URL: allowed are {', '.join(_SSL_MODES)}")
    if mode == "disable" or (root is None and certificate is None):
        return mode
    try:
        context = ssl.create_default_context(cafile=root)
        if certificate is not None:
            context.load_cert_chain(certificate, key)
    except OSError as error:
        raise ValueError(f"a certificate that the database URL names cannot be used: {error}") from error
    context.check_hostname = mode == "verify-full"
    if root is None and mode not in ("verify-ca", "verify-full"):
        context.verify_mode = ssl.CERT_NONE  # as libpq: without a root there is nothing to verify against
    return context


def translate_url(url: str) -> URL:
    """The SQLAlchemy URL (asyncpg driver) of a libpq URL, without what only a connection needs (TLS, settings)."""
    arguments = asyncpg_arguments(url)
    host = arguments.get("host")
    socket = {"host": host} if host and host.startswith("/") else {}
    return URL.create(
        "postgresql+asyncpg",
        username=arguments.get("user"),
        password=arguments.get("password"),
        host=None if socket else host,
        port=arguments.get("port"),
        database=arguments.get("database"),
        query=socket,
    )

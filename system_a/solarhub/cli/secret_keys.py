"""The hub's secret keys: where they are kept, and how a new one takes over."""

from pathlib import Path

from solarhub.config import Settings
from solarhub.kit.sealing import BadKey, Keyring

KEY_FILE = "secret.key"


def keyring_of(settings: Settings, data_dir: Path | None) -> Keyring:
    """From the environment, else the embedded hub's own file, which is made at its first start.

    `data_dir` is None where the database is another server: a key that lies by chance on one machine would be lost with
    it, and every sealed secret too. Ends the command with a sentence where there is no key to be had.
    """
    try:
        if settings.secret_key is not None:
            return Keyring.parse(settings.secret_key.replace(",", "\n"))
        if settings.secret_key_file is not None:
            return Keyring.parse(settings.secret_key_file.read_text("ascii"))
        if data_dir is not None:
            return Keyring.load_or_make(data_dir / KEY_FILE)
    except BadKey as trouble:
        raise SystemExit(f"{_named(settings, data_dir)}: {trouble}") from None
    except (OSError, UnicodeError) as trouble:
        raise SystemExit(f"{_named(settings, data_dir)} cannot be read: {trouble}") from None
    raise SystemExit(
        "With SOLARHUB_DATABASE_URL the hub also needs its secret key, in SOLARHUB_SECRET_KEY or in a file that"
        " SOLARHUB_SECRET_KEY_FILE names: `solarhub keys new` prints one. Keep it apart from the database's backups:"
        " without it what is sealed in the database stays sealed."
    )


def _named(settings: Settings, data_dir: Path | None) -> str:
    if settings.secret_key is not None:
        return "SOLARHUB_SECRET_KEY"
    if settings.secret_key_file is not None:
        return f"SOLARHUB_SECRET_KEY_FILE ({settings.secret_key_file})"
    return f"The secret key in {data_dir}"

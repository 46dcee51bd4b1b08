from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

from solarhub.config import Settings, WrongSettings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SOLARHUB_{name.upper()}", raising=False)


def test_nothing_needs_to_be_set() -> None:
    unset = Settings().model_dump()

    assert {name: value for name, value in unset.items() if value} == {
        "port": 8000,
        "backup_every_hours": 24,
        "backup_keep": 7,
        "mqtt_host": "127.0.0.1",
        "mqtt_port": 1883,
        "mqtt_tls_port": 8883,
    }
    assert all(f"SOLARHUB_{name.upper()}".isascii() for name in unset)


def test_variables_are_read_and_an_empty_one_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOLARHUB_DATA_DIR", "/srv/hub")
    monkeypatch.setenv("SOLARHUB_PORT", "9000")
    monkeypatch.setenv("SOLARHUB_DATABASE_URL", "")
    monkeypatch.setenv("SOLARHUB_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8,::1")
    monkeypatch.setenv("SOLARHUB_TLS_LOCAL", "yes")

    settings = Settings()

    assert (settings.data_dir, settings.port, settings.database_url) == (Path("/srv/hub"), 9000, None)
    assert settings.trusted_proxies == (ip_network("127.0.0.1"), ip_network("10.0.0.0/8"), ip_network("::1"))
    assert settings.tls_local


def test_what_is_given_on_the_command_line_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOLARHUB_PORT", "9000")
    monkeypatch.setenv("SOLARHUB_HOST", "127.0.0.2")

    settings = Settings(port=9001, host=None)

    assert (settings.port, settings.host) == (9001, "127.0.0.2")


def test_settings_do_not_change_while_the_hub_runs() -> None:
    settings = Settings()

    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 9000


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "70000", "SOLARHUB_PORT (or --port) is '70000': input should be less than or equal to 65535."),
        ("PORT", "http", "SOLARHUB_PORT (or --port) is 'http': input should be a valid integer"),
        ("PUBLIC_URL", "hub.example.com", "it is a web address such as https://hub.example.com."),
        ("PUBLIC_URL", "https://hub.example.com/solar", "it ends after the name, or the port"),
        ("PUBLIC_URL", "http://hub.example.com", "it begins with https:// anywhere but on this machine"),
        ("PUBLIC_URL", "https://hub.example.com:port", "SOLARHUB_PUBLIC_URL (or --public-url) is"),
        ("TRUSTED_PROXIES", "*", "* is no address such as 127.0.0.1 and no network such as 10.0.0.0/8."),
        ("TRUSTED_PROXIES", "10.0.0.1/8", "10.0.0.1/8 is no address"),
        ("WEBHOOK_ALLOWED_CIDRS", "lan", "SOLARHUB_WEBHOOK_ALLOWED_CIDRS is 'lan': lan is no address"),
        ("TLS_LOCAL", "perhaps", "SOLARHUB_TLS_LOCAL is 'perhaps': input should be a valid boolean"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_with_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(f"SOLARHUB_{name}", value)

    with pytest.raises(WrongSettings) as refusal:
        Settings()
    assert sentence in str(refusal.value)
    assert f"SOLARHUB_{name}" in str(refusal.value)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://hub.example.com/", "https://hub.example.com"),
        ("https://Hub.Example.com:443", "https://hub.example.com"),
        ("https://192.168.1.10:8443", "https://192.168.1.10:8443"),
        ("https://[fd00::2]:8000", "https://[fd00::2]:8000"),
        ("http://localhost:8000", "http://localhost:8000"),
    ],
)
def test_the_public_address_is_kept_as_links_need_it(given: str, kept: str) -> None:
    assert Settings(public_url=given).public_url == kept


def test_secrets_are_not_shown_with_the_settings() -> None:
    assert "canary" not in repr(Settings(secret_key="canary", smtp_url="smtp://canary@mail"))

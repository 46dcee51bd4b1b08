"""A secret is sealed for one key of one device of one organization."""

import json
from typing import Any
from uuid import UUID

import pytest

from solarhub.devices.connection import parse
from solarhub.devices.secrets import Safe, hidden, is_sealed, without_secrets
from solarhub.devices.vocabulary import ProtocolType
from solarhub.kit.errors import Invalid
from solarhub.kit.sealing import Keyring, Unsealable, new_key
from tests.devices.inverters import KEPT, MQTT

KEYS = Keyring.parse(new_key())
A, B, C, D = (UUID(int=number) for number in range(1, 5))
SAFE = Safe(KEYS, A, B)

SECRETS: list[tuple[ProtocolType, dict[str, Any], str, Any]] = [
    (ProtocolType.MQTT, MQTT, "password", "swordfish"),
    (ProtocolType.HTTP, {"url": "http://10.0.0.7"}, "headers", {"X-API-Key": "swordfish"}),
    (ProtocolType.HTTP, {"url": "http://10.0.0.7"}, "headers", {"sealed": "swordfish"}),
    (ProtocolType.CUSTOM, {"driver": "cloud"}, "secrets", {"password": "swordfish \N{KEY}"}),
]


@pytest.mark.parametrize(("protocol", "document", "key", "secret"), SECRETS, ids=["mqtt", "http", "sealed", "custom"])
def test_what_is_stored_holds_no_secret_and_opens_again(
    protocol: ProtocolType, document: dict[str, Any], key: str, secret: Any
) -> None:
    stored = SAFE.stored(parse(protocol, document | {key: secret}))
    assert "swordfish" not in json.dumps(stored)
    assert is_sealed(stored[key])
    assert SAFE.opened(stored)[key] == secret
    assert {name: stored[name] for name in document} == document
    assert hidden(stored)[key] == KEPT
    assert without_secrets(stored) == {name: value for name, value in stored.items() if name != key}
    assert SAFE.is_current(stored)
    assert SAFE.stored(parse(protocol, document | {key: secret})) != stored  # two equal secrets do not look equal


@pytest.mark.parametrize(
    "elsewhere", [Safe(KEYS, C, B), Safe(KEYS, A, D), Safe(KEYS, B, A)], ids=["organization", "device", "swapped"]
)
def test_a_sealed_secret_opens_in_no_other_row(elsewhere: Safe) -> None:
    stored = SAFE.stored(parse(ProtocolType.MQTT, MQTT | {"password": "swordfish"}))
    with pytest.raises(Unsealable):
        elsewhere.opened(stored)
    with pytest.raises(Unsealable):
        SAFE.opened({"secrets": stored["password"]})
    assert elsewhere.opened(SAFE.resealed(stored, elsewhere)) == SAFE.opened(stored)


def test_a_secret_that_an_earlier_version_stored_in_clear_is_read() -> None:
    stored = MQTT | {"password": "swordfish"}
    assert SAFE.opened(stored) == stored
    assert not SAFE.is_current(stored)
    assert hidden(stored) == MQTT | {"password": KEPT}
    assert SAFE.is_current(SAFE.resealed(stored))


def test_an_earlier_key_opens_and_the_present_one_seals() -> None:
    stored = SAFE.stored(parse(ProtocolType.MQTT, MQTT | {"password": "swordfish"}))
    old, new = new_key(), new_key()
    before = Safe(Keyring.parse(old), A, B)
    stored = before.closed(MQTT | {"password": "swordfish"})
    during = Safe(Keyring.parse(f"{new}\n{old}"), A, B)
    assert during.opened(stored)["password"] == "swordfish"
    assert not during.is_current(stored)
    after = Safe(Keyring.parse(new), A, B)
    assert after.opened(during.resealed(stored))["password"] == "swordfish"
    with pytest.raises(Unsealable):
        after.opened(stored)


def test_a_secret_that_is_kept_comes_from_where_it_is_stored() -> None:
    stored = SAFE.stored(parse(ProtocolType.MQTT, MQTT | {"password": "swordfish"}))
    assert SAFE.merged(MQTT | {"password": KEPT}, stored) == MQTT | {"password": "swordfish"}
    assert SAFE.merged(MQTT | {"password": "new"}, stored) == MQTT | {"password": "new"}
    assert SAFE.merged(MQTT, stored) == MQTT
    for given, present in (
        ({"password": KEPT}, {}),
        ({"headers": KEPT}, stored),
        ({"password": KEPT}, {"password": None}),
    ):
        with pytest.raises(Invalid):
            SAFE.merged(given, present)
    elsewhere = Safe(KEYS, C, D)
    with pytest.raises(Invalid, match="cannot be opened"):
        elsewhere.merged({"password": KEPT}, stored)

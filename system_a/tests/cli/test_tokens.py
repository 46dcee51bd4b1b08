from pathlib import Path

import pytest

from solarhub.kit.clock import now
from tests.cli.operating import PUBLIC_URL, Operator


@pytest.fixture
def plant(operator: Operator, organization: str, tmp_path: Path) -> dict[str, str]:
    """The ids of one plant and its device."""
    path = tmp_path / "plants.csv"
    path.write_text(
        "site_name,latitude,longitude,device_name,device_type,protocol\n"
        "Gulberg roof,31.5,74.3,Inverter 1,inverter,http\n"
    )
    answer = operator.knows("sites", "import", str(path), "-o", organization)
    [site] = answer["results"]
    return {"site": site["site_id"], "device": site["devices"][0]["device_id"]}


def test_an_api_key_is_shown_once_and_opens_nothing_once_it_is_revoked(operator: Operator, organization: str) -> None:
    token = operator.says(
        "tokens", "issue", "-o", organization, "--name", "Report", "--may", "sites:read", "--days", "7"
    )
    assert token.startswith("shk_")

    [key] = operator.knows("tokens", "list", "-o", organization)
    assert (key["name"], key["permissions"], key["revoked_at"]) == ("Report", ["sites:read"], None)
    assert token not in operator.says("tokens", "list", "-o", organization)
    operator.says("tokens", "revoke", key["id"], "-o", organization)
    assert operator.knows("tokens", "list", "-o", organization)[0]["revoked_at"] is not None
    assert "revoked already" in operator.says("tokens", "revoke", key["id"], "-o", organization, status=1)
    assert "names at least one right" in operator.says("tokens", "issue", "-o", organization, status=2)
    assert ("operator", "api_key.revoke") in operator.acts()


def test_a_device_gets_a_new_token_and_keeps_the_one_before_for_a_while(
    operator: Operator, organization: str, plant: dict[str, str]
) -> None:
    first = operator.says("devices", "issue-token", plant["device"], "-o", organization)
    second = operator.knows("tokens", "issue", "-o", organization, "--device", plant["device"])["token"]
    assert first.startswith("shd_")
    assert second != first

    present, before = operator.knows("tokens", "list", "-o", organization, "--device", plant["device"])
    assert present["expires_at"] is None
    assert before["expires_at"] is not None
    operator.says("tokens", "revoke", present["id"], "-o", organization, "--device", plant["device"])
    assert len(operator.knows("tokens", "list", "-o", organization, "--device", plant["device"])) == 1


def test_a_device_is_shown_without_how_it_is_reached(
    operator: Operator, organization: str, plant: dict[str, str]
) -> None:
    shown = operator.knows("devices", "show", plant["device"], "-o", organization)

    assert (shown["name"], shown["device_type"], shown["protocol"]) == ("Inverter 1", "inverter", "http")
    assert "connection_config" not in shown
    assert operator.says("devices", "show", plant["site"], "-o", organization, status=1)


def test_a_customer_is_let_see_one_plant_until_a_date_and_no_more(
    operator: Operator, organization: str, plant: dict[str, str]
) -> None:
    next_year = now().year + 1
    link = operator.says(
        *("grants", "add", plant["site"], "-o", organization, "--name", "Imran Malik", "--until", f"{next_year}-01-01")
    )
    assert link.startswith(f"{PUBLIC_URL}/invitation#shi_")

    [grant] = operator.knows("grants", "list", "-o", organization)
    assert (grant["site_name"], grant["name"], grant["role"], grant["state"]) == (
        "Gulberg roof",
        "Imran Malik",
        "viewer",
        "invited",
    )
    assert grant["expires_at"].startswith(f"{next_year}-01-01T00:00:00")
    operator.says("grants", "revoke", plant["site"], grant["id"], "-o", organization)
    assert operator.knows("grants", "list", "-o", organization) == []
    assert "email: " in operator.says("grants", "add", plant["site"], "-o", organization, status=1)

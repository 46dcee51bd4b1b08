from solarhub.kit.sealing import Keyring
from tests.cli.operating import Operator


def test_a_new_key_is_printed_as_the_hub_reads_it(operator: Operator) -> None:
    assert len(Keyring.parse(operator.says("keys", "new")).names) == 1


def test_what_an_earlier_key_sealed_is_sealed_anew(operator: Operator, organization: str) -> None:
    [found] = operator.database.fetch(f"select id from organizations where slug = '{organization}'")
    operator.database.fetch(
        "insert into sites (organization_id, name, latitude, longitude)"
        f" values ('{found['id']}', 'Gulberg roof', 31.5, 74.3)",
        "insert into devices (organization_id, site_id, name, device_type, protocol, connection_config)"
        " select organization_id, id, 'Logger', 'gateway', 'mqtt',"
        """ '{"broker": "mqtt.example.org", "port": 1883, "username": "x", "password": "canary"}' from sites""",
    )
    assert operator.knows("keys", "rotate") == {"sealed": 1, "unopened": 0}

    operator.environment["SOLARHUB_SECRET_KEY"] = (
        f"{operator.says('keys', 'new')},{operator.environment['SOLARHUB_SECRET_KEY']}"
    )
    assert operator.says("keys", "rotate") == "Secrets of 1 devices were sealed anew."
    assert operator.knows("keys", "rotate") == {"sealed": 0, "unopened": 0}
    [row] = operator.database.fetch("select connection_config::text as shown from devices")
    assert "canary" not in row["shown"]

    operator.environment["SOLARHUB_SECRET_KEY"] = operator.says("keys", "new")
    assert "No key opens those of 1 devices" in operator.says("keys", "rotate")

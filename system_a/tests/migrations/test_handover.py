"""`hand_over_site`: everything of a plant changes hands in one statement, and nothing of its neighbours does."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from solarhub.kit.ids import uuid7
from solarhub.kit.libpq import asyncpg_arguments
from tests.conftest import TestDatabase, execute, outside_any_loop

CONDITION = '{"metric": "power_output", "operator": "lt", "threshold": 10.0, "duration_seconds": 300}'
EVERYTHING = (
    "sites",
    "devices",
    "alert_rules",
    "alerts",
    "device_tokens",
    "device_state",
    "telemetry_quarantine",
    "alert_episodes",
    "alert_rule_states",
    "alert_notes",
    "alert_announcements",
    "device_claims",
    "device_claim_requests",
    "site_grants",
)


@dataclass
class Fleet:
    """A giver with the plants Mall (which moves) and Canal (which stays), and a receiver."""

    database: TestDatabase
    ids: dict[str, UUID] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("giver", "receiver"):
            self.ids[f"of_{name}"], self.ids[name] = uuid7(), uuid7()
            self.run(
                f"insert into users (id, email, password_hash, first_name, last_name)"
                f" values ('{self['of_' + name]}', '{name}@example.org', '!', 'A', 'B')",
                f"insert into organizations (id, owner_id, name, slug)"
                f" values ('{self[name]}', '{self['of_' + name]}', '{name}', '{name}')",
            )
        for name in ("Mall", "Canal"):
            self.ids[name] = uuid7()
            self.run(
                f"insert into sites (id, organization_id, name, latitude, longitude)"
                f" values ('{self[name]}', '{self['giver']}', '{name}', 31, 74)"
            )

    def __getitem__(self, name: str) -> UUID:
        return self.ids[name]

    def run(self, *statements: str) -> list[Any]:
        return self.database.fetch(*statements)

    def device(self, name: str, site: str) -> None:
        device = self.ids[name] = uuid7()
        of, giver = f"'{self['giver']}', '{device}'", self["giver"]
        self.run(
            f"insert into devices (id, site_id, organization_id, name, device_type, protocol)"
            f" values ('{device}', '{self[site]}', '{giver}', '{name}', 'inverter', 'http')",
            f"insert into device_tokens (organization_id, device_id, token_sha256) values ({of}, sha256('{device}'))",
            f"insert into device_state (organization_id, device_id, device_key)"
            f" select {of}, device_key from devices where id = '{device}'",
            f"insert into telemetry_quarantine (organization_id, device_id, received_at, reason, raw)"
            f" values ({of}, now(), 'not_finite', 'NaN')",
            f"insert into device_claims (organization_id, device_id, serial_number, claimed_by)"
            f" values ({of}, 'S', '{self['of_giver']}')",
            f"insert into device_claim_requests (claim_id, organization_id, device_id, claimant_name)"
            f" values ('{uuid7()}', {of}, 'Somebody')",
        )

    def rule(self, name: str, site: str | None = None, *, removed: bool = False, version: int = 1) -> None:
        self.ids[name] = uuid7()
        self.run(
            f"insert into alert_rules (id, organization_id, site_id, name, condition, severity, removed_at, version)"
            f" values ('{self[name]}', '{self['giver']}', {'null' if site is None else repr(str(self[site]))},"
            f" '{name}', '{CONDITION}', 'warning', {'now()' if removed else 'null'}, {version})"
        )

    def alert(self, name: str, rule: str, site: str, device: str, *, is_open: bool = False) -> None:
        alert = self.ids[name] = uuid7()
        status, resolved = ("active", "null") if is_open else ("resolved", "now()")
        self.run(
            f"insert into alerts (id, rule_id, organization_id, site_id, device_id, severity, status, title, message,"
            f" triggered_at, resolved_at) values ('{alert}', '{self[rule]}', '{self['giver']}', '{self[site]}',"
            f" '{self[device]}', 'warning', '{status}', '{name}', 'm', now(), {resolved})",
            f"insert into alert_episodes (alert_id, organization_id, rule_id, target, streak_started_at, triggered_at,"
            f" closed_at) values ('{alert}', '{self['giver']}', '{self[rule]}', 'device:{self[device]}',"
            f" clock_timestamp(), now(), {resolved})",
            f"insert into alert_notes (organization_id, alert_id, author_id, act)"
            f" values ('{self['giver']}', '{alert}', '{self['of_giver']}', 'acknowledge')",
            f"insert into alert_announcements (organization_id, alert_id, event)"
            f" values ('{self['giver']}', '{alert}', 'opened')",
        )

    def state(self, rule: str, device: str, *, rule_version: int = 1, open_alert: str | None = None) -> None:
        self.run(
            f"insert into alert_rule_states (rule_id, target, organization_id, device_id, rule_version, changed_at,"
            f" open_alert_id) values ('{self[rule]}', 'device:{self[device]}', '{self['giver']}', '{self[device]}',"
            f" {rule_version}, now(), {'null' if open_alert is None else repr(str(self[open_alert]))})"
        )

    def hand_over(self, *stands_in: str) -> list[int]:
        """As the app role, standing in both organizations unless others are named."""
        names = stands_in or ("giver", "receiver")
        organizations = ",".join(str(self[name]) for name in names)

        async def run() -> list[int]:
            connection = await asyncpg.connect(**asyncpg_arguments(self.database.url("solarhub_app")))
            try:
                async with connection.transaction():
                    await connection.execute(
                        "select set_config('app.organization_ids', $1, true)", f"{{{organizations}}}"
                    )
                    keys: list[int] = await connection.fetchval(
                        "select hand_over_site($1, $2)", self["Mall"], self["receiver"]
                    )
                return keys
            finally:
                await connection.close()

        return outside_any_loop(run())

    def owner_of(self, table: str, column: str, name: str) -> str:
        (row,) = self.run(f"select organization_id from {table} where {column} = '{self[name]}'")
        return next(key for key in ("giver", "receiver") if self.ids[key] == row["organization_id"])

    def story(self, alert: str) -> tuple[str, str, str | None, str, str | None]:
        """Organization, plant, device, rule and the rule's plant of an alert; its episode must say the same."""
        (row,) = self.run(
            "select o.name as owner, s.name as site, d.name as device, r.name as rule, rs.name as rule_site,"
            " e.organization_id = a.organization_id and e.rule_id = a.rule_id"
            " and n.organization_id = a.organization_id and m.organization_id = a.organization_id as agree"
            " from alerts a join organizations o on o.id = a.organization_id join sites s on s.id = a.site_id"
            " left join devices d on d.id = a.device_id join alert_rules r on r.id = a.rule_id"
            " left join sites rs on rs.id = r.site_id join alert_episodes e on e.alert_id = a.id"
            f" join alert_notes n on n.alert_id = a.id join alert_announcements m on m.alert_id = a.id"
            f" where a.id = '{self[alert]}'"
        )
        assert row["agree"]
        return row["owner"], row["site"], row["device"], row["rule"], row["rule_site"]


@pytest.fixture
def fleet(database: TestDatabase) -> Fleet:
    return Fleet(database)


def test_everything_of_the_plant_moves_and_nothing_of_its_neighbour(fleet: Fleet) -> None:
    for name, site in (("mall inverter", "Mall"), ("mall meter", "Mall"), ("canal inverter", "Canal")):
        fleet.device(name, site)
    fleet.rule("low at Mall", "Mall")
    fleet.rule("low at Canal", "Canal")
    fleet.alert("mall alert", "low at Mall", "Mall", "mall inverter", is_open=True)
    fleet.alert("canal alert", "low at Canal", "Canal", "canal inverter", is_open=True)
    fleet.state("low at Mall", "mall inverter", open_alert="mall alert")
    fleet.state("low at Canal", "canal inverter", open_alert="canal alert")
    grants = "insert into site_grants (organization_id, site_id, role, granted_by, invited_name) values"
    for site in ("Mall", "Canal"):
        fleet.run(f"{grants} ('{fleet['giver']}', '{fleet[site]}', 'viewer', '{fleet['of_giver']}', 'Bilal')")
    keys = [row["device_key"] for row in fleet.run(f"select device_key from devices where site_id = '{fleet['Mall']}'")]

    assert fleet.hand_over() == sorted(keys)

    for table in EVERYTHING:
        owners = {
            str(row["organization_id"]): row["n"]
            for row in fleet.run(f"select organization_id, count(*) as n from {table} group by 1")
        }
        of_devices = table in ("devices", "device_tokens", "device_state", "telemetry_quarantine")
        moved = 2 if of_devices or table.startswith("device_claim") else 1
        assert owners == {str(fleet["giver"]): 1, str(fleet["receiver"]): moved}, table
    assert fleet.story("mall alert") == ("receiver", "Mall", "mall inverter", "low at Mall", "Mall")
    assert fleet.story("canal alert") == ("giver", "Canal", "canal inverter", "low at Canal", "Canal")


def test_a_rule_for_all_plants_is_copied_with_its_past_and_its_open_episode(fleet: Fleet) -> None:
    fleet.device("mall inverter", "Mall")
    fleet.device("canal inverter", "Canal")
    fleet.rule("low anywhere", version=7)
    fleet.rule("quiet so far")
    fleet.rule("long gone", removed=True)
    fleet.rule("gone without a trace", removed=True)
    fleet.alert("mall alert", "low anywhere", "Mall", "mall inverter", is_open=True)
    fleet.alert("canal alert", "low anywhere", "Canal", "canal inverter")
    fleet.alert("old mall alert", "long gone", "Mall", "mall inverter")
    fleet.state("low anywhere", "mall inverter", rule_version=7, open_alert="mall alert")
    fleet.state("low anywhere", "canal inverter", rule_version=7)
    fleet.state("long gone", "mall inverter")
    fleet.state("gone without a trace", "mall inverter")

    fleet.hand_over()

    assert fleet.story("mall alert") == ("receiver", "Mall", "mall inverter", "low anywhere", "Mall")
    assert fleet.story("old mall alert") == ("receiver", "Mall", "mall inverter", "long gone", "Mall")
    assert fleet.story("canal alert") == ("giver", "Canal", "canal inverter", "low anywhere", None)
    rules = fleet.run(
        "select name, site_id is null as anywhere, removed_at is null as in_force, organization_id from alert_rules"
    )
    told = sorted(
        (row["organization_id"] == fleet["receiver"], row["name"], row["anywhere"], row["in_force"]) for row in rules
    )
    assert told == [
        (False, "gone without a trace", True, False),
        (False, "long gone", True, False),
        (False, "low anywhere", True, True),
        (False, "quiet so far", True, True),
        (True, "long gone", False, False),
        (True, "low anywhere", False, True),
        (True, "quiet so far", False, True),
    ]
    states = fleet.run(
        "select r.name, s.organization_id, s.rule_version = r.version as current, s.open_alert_id"
        " from alert_rule_states s join alert_rules r on r.id = s.rule_id and r.organization_id = s.organization_id"
    )
    assert sorted((row["name"], row["organization_id"] == fleet["receiver"], row["current"]) for row in states) == [
        ("long gone", True, True),
        ("low anywhere", False, True),
        ("low anywhere", True, True),
    ]
    assert {row["open_alert_id"] for row in states} == {None, fleet["mall alert"]}


def test_a_streak_goes_on_unless_the_rule_was_edited_since(fleet: Fleet) -> None:
    fleet.device("mall inverter", "Mall")
    for name, site, version in (
        ("own", "Mall", 3),
        ("own, edited", "Mall", 4),
        ("all", None, 3),
        ("all, edited", None, 4),
    ):
        fleet.rule(name, site, version=version)
        fleet.state(name, "mall inverter", rule_version=3)

    fleet.hand_over()

    states = fleet.run(
        "select r.name, s.rule_version = r.version as goes_on"
        " from alert_rule_states s join alert_rules r on r.id = s.rule_id"
    )
    assert {row["name"]: row["goes_on"] for row in states} == {
        "own": True,
        "own, edited": False,
        "all": True,
        "all, edited": False,
    }


def test_history_stays_with_the_plant_where_it_happened(fleet: Fleet) -> None:
    fleet.device("came from Canal", "Mall")
    fleet.device("went to Canal", "Canal")
    fleet.rule("low anywhere")
    fleet.rule("at Mall now", "Mall")
    fleet.rule("at Canal now", "Canal")
    fleet.alert("came: then", "low anywhere", "Canal", "came from Canal")
    fleet.alert("came: still open", "low anywhere", "Canal", "came from Canal", is_open=True)
    fleet.alert("came: open, under a rule of Canal", "at Canal now", "Canal", "came from Canal", is_open=True)
    fleet.alert("went: then", "low anywhere", "Mall", "went to Canal")
    fleet.alert("went: under a rule of Mall", "at Mall now", "Mall", "went to Canal", is_open=True)
    fleet.alert("a rule of Mall once watched Canal", "at Mall now", "Canal", "went to Canal")
    fleet.alert("a rule of Canal once watched Mall", "at Canal now", "Mall", "came from Canal")
    fleet.state("low anywhere", "came from Canal", open_alert="came: still open")
    fleet.state("at Canal now", "came from Canal", open_alert="came: open, under a rule of Canal")
    fleet.state("at Mall now", "went to Canal", open_alert="went: under a rule of Mall")
    fleet.state("low anywhere", "went to Canal")

    fleet.hand_over()

    assert fleet.story("came: then") == ("giver", "Canal", None, "low anywhere", None)
    assert fleet.story("came: still open") == ("receiver", "Mall", "came from Canal", "low anywhere", "Mall")
    assert fleet.story("came: open, under a rule of Canal") == ("giver", "Canal", None, "at Canal now", "Canal")
    assert fleet.story("went: then") == ("receiver", "Mall", None, "low anywhere", "Mall")
    assert fleet.story("went: under a rule of Mall") == ("receiver", "Mall", None, "at Mall now", "Mall")
    assert fleet.story("a rule of Mall once watched Canal") == ("giver", "Canal", "went to Canal", "at Mall now", None)
    assert fleet.story("a rule of Canal once watched Mall") == (
        "receiver",
        "Mall",
        "came from Canal",
        "at Canal now",
        "Mall",
    )
    left = fleet.run(
        "select name, is_active, removed_at from alert_rules where name in ('at Mall now', 'at Canal now')"
    )
    assert sorted((row["name"], row["removed_at"] is None) for row in left) == [
        ("at Canal now", False),
        ("at Canal now", True),
        ("at Mall now", False),
        ("at Mall now", True),
    ]
    states = fleet.run(
        "select r.name as rule, d.name as device from alert_rule_states s"
        " join alert_rules r on r.id = s.rule_id join devices d on d.id = s.device_id"
    )
    assert {(row["rule"], row["device"]) for row in states} == {
        ("low anywhere", "came from Canal"),
        ("low anywhere", "went to Canal"),
    }


def test_what_was_lent_to_the_receiver_is_its_own_now(fleet: Fleet) -> None:
    owner = fleet["of_giver"]
    columns = "insert into site_grants (organization_id, site_id, role, granted_by, accepted_at,"
    mall = f"'{fleet['giver']}', '{fleet['Mall']}', 'viewer', '{owner}', now()"
    fleet.run(
        f"{columns} grantee_organization_id) values ({mall}, '{fleet['receiver']}')",
        f"{columns} user_id) values ({mall}, '{fleet['of_receiver']}')",
    )

    fleet.hand_over()

    rows = fleet.run("select organization_id, user_id, removed_at from site_grants")
    assert {row["organization_id"] for row in rows} == {fleet["receiver"]}
    assert {row["user_id"]: row["removed_at"] is None for row in rows} == {None: False, fleet["of_receiver"]: True}


def test_two_that_took_each_others_place_are_parted_without_a_word(fleet: Fleet) -> None:
    for name, site in (("old", "Canal"), ("new", "Mall"), ("old here", "Mall"), ("new here", "Mall")):
        fleet.device(name, site)
    for new, old in (("new", "old"), ("new here", "old here")):
        fleet.run(f"update devices set replaces = '{fleet[old]}' where id = '{fleet[new]}'")

    fleet.hand_over()

    rows = {row["name"]: row["replaces"] for row in fleet.run("select name, replaces from devices")}
    assert (rows["new"], rows["new here"]) == (None, fleet["old here"])


@pytest.mark.parametrize("places", [("giver",), ("receiver",)], ids=lambda places: f"only in the {places[0]}")
def test_whoever_stands_in_one_of_the_two_moves_nothing(fleet: Fleet, places: tuple[str, ...]) -> None:
    fleet.device("mall inverter", "Mall")

    with pytest.raises(asyncpg.PostgresError):
        fleet.hand_over(*places)

    assert fleet.owner_of("sites", "id", "Mall") == "giver"
    assert fleet.owner_of("devices", "id", "mall inverter") == "giver"


def test_a_plant_without_devices_moves(fleet: Fleet) -> None:
    assert fleet.hand_over() == []
    assert fleet.owner_of("sites", "id", "Mall") == "receiver"


def test_only_the_app_role_may_call_it(fleet: Fleet) -> None:
    for login in ("solarhub_auth", "solarhub_worker"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            execute(fleet.database.url(login), f"select hand_over_site('{fleet['Mall']}', '{fleet['receiver']}')")

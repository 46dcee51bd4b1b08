"""What the walls between tenants allow themselves; everything else of the kind keeps the hub from starting."""

from solarhub.kit import gate
from solarhub.kit.db import Database

EXEMPT = gate.Exempt(
    # the row remembers the organization that the plant had
    keys=frozenset({"fk_site_handovers_site_id_sites"}),
    # partitions come and go, and plants change hands, by roles that own nothing
    functions=frozenset(
        {"ensure_telemetry_partition", "watch_telemetry_partition", "drop_telemetry_partition", "hand_over_site"}
    ),
    # what proves who somebody is
    hidden=frozenset(
        {"user_sessions", "user_links", "user_second_factors", "user_recovery_codes", "throttles", "alert_rule_states"}
    ),
)


async def objections(database: Database) -> list[str]:
    """Everything that is wrong with the walls of this database, a sentence each."""
    return await gate.objections(database, EXEMPT)

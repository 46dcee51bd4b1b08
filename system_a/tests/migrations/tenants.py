"""One row in every table of a tenant, for tests of the walls between them."""

OF_A_PLANT = (
    "sites",
    "devices",
    "alert_rules",
    "alerts",
    "device_tokens",
    "device_state",
    "telemetry_samples",
    "telemetry_layouts",
    "telemetry_blocks",
    "telemetry_quarantine",
    "telemetry_conflicts",
    "alert_episodes",
    "alert_notes",
    "alert_announcements",
    "rollup_quarters",
    "rollup_hours",
    "rollup_days",
    "rollup_months",
    "rollup_gaps",
    "site_energy_days",
    "energy_corrections",
    "custom_metrics",
)
"""What hangs on one, and goes where it is lent to."""
TENANT_TABLES = (
    *OF_A_PLANT,
    "organizations",
    "organization_members",
    "alert_rule_states",
    "api_keys",
    "audit_entries",
    "device_claim_requests",
    "device_claims",
    "history_imports",
    "history_import_parts",
    "notifications",
    "organization_logos",
    "site_grants",
    "site_handovers",
    "webhooks",
    "reader_roles",
    "found_senders",
    "raw_messages",
    "found_announcements",
)
OF_WORKERS = ("alert_rule_states", "reader_roles", "raw_messages")
"""What the app role never reads."""
VIEWS = ("v_active_alerts_summary", "v_device_status_summary", "v_site_capacity")
A = "00000000-0000-7000-8000-00000000000a"
B = "00000000-0000-7000-8000-00000000000b"


def one_tenant(letter: str, ident: str) -> list[str]:
    """One row in every tenant table; ids differ in their last digits."""

    def row(kind: int) -> str:
        return f"{ident[:-3]}{kind:02d}{letter}"

    user, site, device, rule, alert = (row(kind) for kind in (1, 2, 3, 4, 5))
    condition = '{"metric": "power_output", "operator": "lt", "threshold": 10.0, "duration_seconds": 300}'
    key = f"(select organization_key from organizations where id = '{ident}')"
    device_key = f"(select device_key from devices where id = '{device}')"
    target = f"device:{device}"
    figures = "organization_key, layout_id, samples, interval_seconds, mean, least, greatest, last"
    of_figures = f"{key}, 1, 1, 60, '{{1}}', '{{1}}', '{{1}}', '{{1}}'"
    rows = {
        "users (id, email, password_hash, first_name, last_name)": f"'{user}', '{letter}@example.org', '!', 'A', 'B'",
        "organizations (id, owner_id, name, slug)": f"'{ident}', '{user}', 'T', 'tenant-{letter}'",
        "organization_members (organization_id, user_id, role)": f"'{ident}', '{user}', 'owner'",
        "sites (id, organization_id, name, latitude, longitude)": f"'{site}', '{ident}', 'Plant {letter}', 31, 74",
        "devices (id, site_id, organization_id, name, device_type, protocol, status)": (
            f"'{device}', '{site}', '{ident}', 'I', 'inverter', 'http', 'online'"
        ),
        "alert_rules (id, organization_id, name, condition, severity)": (
            f"'{rule}', '{ident}', 'R', '{condition}', 'warning'"
        ),
        "alerts (id, rule_id, organization_id, site_id, device_id, severity, title, message, triggered_at)": (
            f"'{alert}', '{rule}', '{ident}', '{site}', '{device}', 'warning', 't', 'm', now()"
        ),
        "device_tokens (organization_id, device_id, token_sha256)": f"'{ident}', '{device}', sha256('{letter}')",
        "device_state (device_id, organization_id, device_key)": f"'{device}', '{ident}', {device_key}",
        "telemetry_layouts (organization_key, series, series_sha256)": (
            f"{key}, array['power_output'], sha256('power_output')"
        ),
        "telemetry_samples (organization_key, device_key, at, received_at, layout_id, late, readings)": (
            f"{key}, {device_key}, now(), now(), 1, false, array[1.0]"
        ),
        (
            "telemetry_blocks"
            " (organization_key, device_key, day, part, layout_id, rows, imported, readings, first_at, last_at, block)"
        ): f"{key}, {device_key}, '2026-03-01', 0, 1, 1, 0, 1, '2026-03-01 06:00Z', '2026-03-01 06:00Z', 'SHB'",
        "telemetry_conflicts (organization_id, device_id, day, conflicts, last_at)": (
            f"'{ident}', '{device}', current_date, 1, now()"
        ),
        "telemetry_quarantine (organization_id, device_id, received_at, reason, raw)": (
            f"'{ident}', '{device}', now(), 'not_finite', 'NaN'"
        ),
        "alert_episodes (alert_id, organization_id, rule_id, target, streak_started_at, triggered_at)": (
            f"'{alert}', '{ident}', '{rule}', '{target}', now(), now()"
        ),
        "alert_rule_states (rule_id, target, organization_id, device_id, rule_version, changed_at)": (
            f"'{rule}', '{target}', '{ident}', '{device}', 1, now()"
        ),
        "alert_notes (organization_id, alert_id, author_id, act)": f"'{ident}', '{alert}', '{user}', 'resolve'",
        "alert_announcements (organization_id, alert_id, event)": f"'{ident}', '{alert}', 'opened'",
        "api_keys (organization_id, created_by, name, token_sha256, permissions, expires_at)": (
            f"'{ident}', '{user}', 'K', sha256('k{letter}'), '{{sites:read}}', now() + interval '1 day'"
        ),
        "audit_entries (organization_id, actor_kind, action, target_type)": f"'{ident}', 'hub', 'x', 'y'",
        "device_claims (organization_id, device_id, serial_number, claimed_by)": (
            f"'{ident}', '{device}', 'S', '{user}'"
        ),
        "device_claim_requests (organization_id, device_id, claim_id, claimant_name)": (
            f"'{ident}', '{device}', '{device}', 'Somebody'"
        ),
        "history_imports (id, organization_id, file_name, file_sha256, file_bytes, map, map_version)": (
            f"'{row(9)}', '{ident}', 'F', sha256('x'), 1, 'template', 1"
        ),
        "history_import_parts (organization_id, import_id, part, device_id, device_key, device, first_at, last_at,"
        " stored, duplicates, conflicts)": (
            f"'{ident}', '{row(9)}', 1, '{device}', {device_key}, 'I', now(), now(), 1, 0, 0"
        ),
        "notifications (organization_id, channel, recipient, event, content)": (
            f"'{ident}', 'email', 'x@example.org', 'e', '{{}}'"
        ),
        "organization_logos (organization_id, png)": f"'{ident}', 'x'",
        "site_grants (organization_id, site_id, user_id, role, granted_by, accepted_at)": (
            f"'{ident}', '{site}', '{user}', 'viewer', '{user}', now()"
        ),
        "site_handovers (organization_id, site_id, site_name, offered_by)": f"'{ident}', '{site}', 'S', '{user}'",
        "webhooks (organization_id, url, secret_sealed, created_by)": f"'{ident}', 'https://x', 's', '{user}'",
        f"rollup_quarters (device_key, start, last_at, {figures})": f"{device_key}, now(), now(), {of_figures}",
        f"rollup_hours (device_key, start, ends_at, {figures})": f"{device_key}, now(), now(), {of_figures}",
        f"rollup_days (device_key, day, starts_at, ends_at, site_id, {figures})": (
            f"{device_key}, current_date, now(), now(), '{site}', {of_figures}"
        ),
        f"rollup_months (device_key, month, starts_at, ends_at, {figures})": (
            f"{device_key}, current_date, now(), now(), {of_figures}"
        ),
        "rollup_gaps (device_key, series, ended_at, started_at, organization_key, kwh, marks)": (
            f"{device_key}, 'energy_total', now(), now() - interval '1 day', {key}, 1, 1"
        ),
        "site_energy_days (site_id, day, starts_at, ends_at, organization_id, energy_marks, covered_seconds,"
        " devices)": f"'{site}', current_date, now(), now(), '{ident}', 0, 0, 1",
        "energy_corrections (organization_id, device_id, device_key, first_day, last_day, kwh, reason)": (
            f"'{ident}', '{device}', {device_key}, current_date, current_date, 1, 'R'"
        ),
        "reader_roles (role_name, organization_id, organization_key)": f"'solarhub_reader_{letter}', '{ident}', {key}",
        "custom_metrics (organization_id, name, unit, kind, minimum, maximum, night, meaning)": (
            f"'{ident}', 'x_rain', 'mm', 'gauge', 0, 1, 'nothing', 'M'"
        ),
        (
            "found_senders (id, organization_id, broker_key, sender, dialect, mapping_version, first_seen_at,"
            " last_seen_at, messages)"
        ): f"'{row(10)}', '{ident}', 'b', 's', '', 1, now(), now(), 1",
        "raw_messages (organization_id, sender_id, first_at, last_at, messages, dialect, mapping_version, body)": (
            f"'{ident}', '{row(10)}', now(), now(), 1, '', 1, 'x'"
        ),
        "found_announcements (organization_id, broker_key, topic, payload, received_at)": (
            f"'{ident}', 'b', 't', 'x', now()"
        ),
    }
    inserts = [f"insert into {columns} values ({values})" for columns, values in rows.items()]
    return ["select ensure_telemetry_partition(current_date)", *inserts]

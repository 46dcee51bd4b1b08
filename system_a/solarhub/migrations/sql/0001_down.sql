DROP VIEW v_active_alerts_summary, v_device_status_summary, v_site_capacity;

DROP TABLE evaluation_leases, alert_rule_states, alert_episodes, telemetry_quarantine, telemetry_samples,
    telemetry_layouts, device_state, device_tokens, alerts, alert_rules, devices, sites, discos,
    organization_members, organizations, users;

DROP FUNCTION ensure_telemetry_partition(date), increment_version(), set_updated_at();

DROP TYPE user_role, org_member_role, site_status, device_type, device_status, protocol_type, alert_severity,
    alert_status;

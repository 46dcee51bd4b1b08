-- The second wall between tenants, and what each database role may do.
-- A setting that is absent or empty casts to NULL, and `= ANY (NULL)` is no row: nothing set, nothing seen.
-- The cast stands outside the scalar subselect, which is evaluated once per query and keeps index scans.

DO $$
DECLARE
    tenant text;
    mine text := 'ANY ((SELECT nullif(current_setting(''app.organization_ids'', true), ''''))::uuid[])';
    mine_by_key text := 'ANY ((SELECT nullif(current_setting(''app.organization_keys'', true), ''''))::integer[])';
BEGIN
    FOREACH tenant IN ARRAY ARRAY['organization_members', 'sites', 'devices', 'alert_rules', 'alerts', 'device_tokens',
                                  'device_state', 'telemetry_quarantine', 'alert_episodes', 'alert_rule_states'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant);
        EXECUTE format('CREATE POLICY tenant ON %I USING (organization_id = %s) WITH CHECK (organization_id = %s)',
                       tenant, mine, mine);
    END LOOP;
    ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
    ALTER TABLE organizations FORCE ROW LEVEL SECURITY;
    EXECUTE format('CREATE POLICY tenant ON organizations USING (id = %s) WITH CHECK (id = %s)', mine, mine);
    FOREACH tenant IN ARRAY ARRAY['telemetry_samples', 'telemetry_layouts'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant);
        EXECUTE format('CREATE POLICY tenant ON %I USING (organization_key = %s) WITH CHECK (organization_key = %s)',
                       tenant, mine_by_key, mine_by_key);
    END LOOP;
    -- workers serve every tenant, on these tables alone
    FOREACH tenant IN ARRAY ARRAY['organizations', 'sites', 'devices', 'alert_rules', 'alerts', 'device_state',
                                  'telemetry_quarantine', 'telemetry_samples', 'telemetry_layouts', 'alert_episodes',
                                  'alert_rule_states'] LOOP
        EXECUTE format('CREATE POLICY worker ON %I TO solarhub_worker USING (true) WITH CHECK (true)', tenant);
    END LOOP;
    -- who is calling is settled before an organization is known
    FOREACH tenant IN ARRAY ARRAY['organizations', 'devices', 'device_tokens'] LOOP
        EXECUTE format('CREATE POLICY auth ON %I FOR SELECT TO solarhub_auth USING (true)', tenant);
    END LOOP;
END
$$;

REVOKE ALL ON FUNCTION ensure_telemetry_partition(date) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION ensure_telemetry_partition(date) TO solarhub_worker;

GRANT SELECT (id, email, phone, first_name, last_name, role, is_active, is_verified, preferences, removed_at,
              created_at, updated_at, version), INSERT, UPDATE ON users TO solarhub_app;

GRANT SELECT, INSERT, UPDATE ON organizations, organization_members, sites, devices, alert_rules, alerts
    TO solarhub_app;

GRANT SELECT (id, organization_id, device_id, created_at, revoked_at), INSERT, UPDATE (revoked_at)
    ON device_tokens TO solarhub_app;

GRANT SELECT ON discos, device_state, telemetry_layouts, telemetry_samples, telemetry_quarantine, alert_episodes,
    v_active_alerts_summary, v_device_status_summary, v_site_capacity TO solarhub_app;

GRANT UPDATE (closed_at) ON alert_episodes TO solarhub_app;

-- the hub is not ready while the schema is not the one it was built for
GRANT SELECT ON alembic_version TO solarhub_app;

GRANT SELECT ON users TO solarhub_auth;

GRANT SELECT (id, organization_key, slug, name, status, removed_at) ON organizations TO solarhub_auth;

GRANT SELECT (id, organization_id, device_key, removed_at) ON devices TO solarhub_auth;

GRANT SELECT ON device_tokens TO solarhub_auth;

GRANT SELECT ON organizations, sites, devices, alert_rules, discos TO solarhub_worker;

GRANT UPDATE (status, last_seen_at, last_error) ON devices TO solarhub_worker;

GRANT SELECT, INSERT, UPDATE ON alerts, alert_episodes, alert_rule_states, evaluation_leases, device_state
    TO solarhub_worker;

GRANT SELECT, INSERT ON telemetry_layouts, telemetry_samples, telemetry_quarantine TO solarhub_worker;

GRANT SELECT ON ALL TABLES IN SCHEMA public TO solarhub_backup;

GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO solarhub_backup;

-- What 0001 had, and nothing more.

DROP FUNCTION hand_over_site(uuid, uuid);

DROP TABLE notifications, alert_announcements, alert_notes, device_claim_requests, device_claims, site_handovers,
    site_grants, idempotent_answers, webhooks, api_keys, organization_logos, audit_entries, throttles,
    user_recovery_codes, user_second_factors, user_links, user_sessions;

DROP FUNCTION refuse_rewriting_history();

DO $$
DECLARE
    name text;
    mine text := 'ANY ((SELECT nullif(current_setting(''app.organization_ids'', true), ''''))::uuid[])';
BEGIN
    FOREACH name IN ARRAY ARRAY['sites', 'devices', 'alert_rules', 'alerts', 'device_tokens', 'device_state',
                                'telemetry_quarantine', 'alert_episodes'] LOOP
        EXECUTE format('ALTER POLICY tenant ON %I USING (organization_id = %s) WITH CHECK (organization_id = %s)',
                       name, mine, mine);
    END LOOP;
    DROP POLICY worker ON organization_members;
    DROP POLICY auth ON organization_members;
    DROP POLICY auth ON sites;
    DROP POLICY worker ON device_tokens;
END
$$;

REVOKE UPDATE (email, phone, password_hash, first_name, last_name, is_active, is_verified, preferences) ON users
    FROM solarhub_auth;

REVOKE SELECT (settings, logo_url, owner_id) ON organizations FROM solarhub_auth;

REVOKE SELECT ON organization_members FROM solarhub_auth;

REVOKE SELECT (id, email, phone, first_name, last_name, role, is_active, is_verified, preferences, removed_at) ON users
    FROM solarhub_worker;

REVOKE SELECT ON organization_members, device_tokens FROM solarhub_worker;

REVOKE UPDATE (status) ON sites FROM solarhub_worker;

REVOKE SELECT (id, organization_id, name, removed_at) ON sites FROM solarhub_auth;

REVOKE UPDATE (serial_number, removed_at, connection_config) ON devices FROM solarhub_worker;

REVOKE UPDATE (revoked_at) ON device_tokens FROM solarhub_worker;

REVOKE UPDATE (organization_key, layout_id) ON telemetry_samples FROM solarhub_worker;

ALTER TABLE organization_members DROP COLUMN invited_name, DROP COLUMN invited_email, DROP COLUMN invited_phone;

DROP INDEX ix_sites_organization_id_name_id;

ALTER TABLE sites DROP COLUMN maintenance_until;

ALTER TABLE devices DROP COLUMN maintenance_until, DROP COLUMN replaces;

ALTER TABLE device_tokens DROP COLUMN expires_at;

ALTER TABLE alert_episodes DROP CONSTRAINT uq_alert_episodes_organization_id_alert_id;

CREATE INDEX ix_alert_episodes_organization_id ON alert_episodes (organization_id);

ALTER TABLE devices ALTER CONSTRAINT fk_devices_organization_id_site_id_sites NOT DEFERRABLE;

ALTER TABLE alert_rules ALTER CONSTRAINT fk_alert_rules_organization_id_site_id_sites NOT DEFERRABLE;

ALTER TABLE alerts ALTER CONSTRAINT fk_alerts_organization_id_rule_id_alert_rules NOT DEFERRABLE;

ALTER TABLE alerts ALTER CONSTRAINT fk_alerts_organization_id_site_id_sites NOT DEFERRABLE;

ALTER TABLE alerts ALTER CONSTRAINT fk_alerts_organization_id_device_id_devices NOT DEFERRABLE;

ALTER TABLE device_tokens ALTER CONSTRAINT fk_device_tokens_organization_id_device_id_devices NOT DEFERRABLE;

ALTER TABLE device_state ALTER CONSTRAINT fk_device_state_organization_id_device_id_devices NOT DEFERRABLE;

ALTER TABLE telemetry_quarantine ALTER CONSTRAINT fk_telemetry_quarantine_organization_id_device_id_devices NOT DEFERRABLE;

ALTER TABLE alert_episodes ALTER CONSTRAINT fk_alert_episodes_organization_id_rule_id_alert_rules NOT DEFERRABLE;

ALTER TABLE alert_rule_states ALTER CONSTRAINT fk_alert_rule_states_organization_id_rule_id_alert_rules NOT DEFERRABLE;

ALTER TABLE alert_rule_states ALTER CONSTRAINT fk_alert_rule_states_organization_id_device_id_devices NOT DEFERRABLE;

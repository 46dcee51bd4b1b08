-- The second wall, for people who see one plant of an organization and nothing else of it.
--   app.organization_ids           the organizations in which the session stands as a member
--   app.site_ids                   the single sites it sees of others
--   app.host_organization_ids      whose sites those are
--   app.actor_id                   who asks
-- All four are filled by organizations/access.py alone, for one transaction.

DO $$
DECLARE
    name text;
    mine text := '= ANY ((SELECT nullif(current_setting(''app.organization_ids'', true), ''''))::uuid[])';
    hosts text := '= ANY ((SELECT nullif(current_setting(''app.host_organization_ids'', true), ''''))::uuid[])';
    lent text := '= ANY ((SELECT nullif(current_setting(''app.site_ids'', true), ''''))::uuid[])';
    seen text;
BEGIN
    -- tables that name their site
    FOR name, seen IN VALUES ('sites', 'id'), ('devices', 'site_id'), ('alert_rules', 'site_id'), ('alerts', 'site_id')
    LOOP
        EXECUTE format('ALTER POLICY tenant ON %I USING (organization_id %s OR %I %s)'
                       ' WITH CHECK (organization_id %s OR organization_id %s AND %I %s)',
                       name, mine, seen, lent, mine, hosts, seen, lent);
    END LOOP;
    -- tables that name a device; the subselect is worked out once, and only where the first half says no
    FOREACH name IN ARRAY ARRAY['device_tokens', 'device_state', 'telemetry_quarantine'] LOOP
        seen := format('device_id = ANY (ARRAY(SELECT d.id FROM devices d WHERE d.site_id %s))', lent);
        EXECUTE format('ALTER POLICY tenant ON %I USING (organization_id %s OR %s)'
                       ' WITH CHECK (organization_id %s OR organization_id %s AND %s)',
                       name, mine, seen, mine, hosts, seen);
    END LOOP;
    -- tables that name an alert
    FOREACH name IN ARRAY ARRAY['alert_episodes', 'alert_notes', 'alert_announcements'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        seen := format('EXISTS (SELECT FROM alerts a WHERE a.id = %I.alert_id AND a.site_id %s)', name, lent);
        IF name = 'alert_episodes' THEN
            EXECUTE format('DROP POLICY tenant ON %I', name);
        END IF;
        EXECUTE format('CREATE POLICY tenant ON %I USING (organization_id %s OR %s)'
                       ' WITH CHECK (organization_id %s OR organization_id %s AND %s)',
                       name, mine, seen, mine, hosts, seen);
    END LOOP;
    -- tables that are the organization's alone
    FOREACH name IN ARRAY ARRAY['organization_logos', 'api_keys', 'webhooks', 'site_grants', 'device_claims',
                                'device_claim_requests'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY tenant ON %I USING (organization_id %s) WITH CHECK (organization_id %s)',
                       name, mine, mine);
    END LOOP;
    -- both sides of a handover see it
    ALTER TABLE site_handovers ENABLE ROW LEVEL SECURITY;
    ALTER TABLE site_handovers FORCE ROW LEVEL SECURITY;
    EXECUTE format('CREATE POLICY tenant ON site_handovers USING (organization_id %s OR to_organization_id %s)'
                   ' WITH CHECK (organization_id %s OR to_organization_id %s)', mine, mine, mine, mine);
    -- what a guest causes is written down in the host's books, which the guest cannot read
    FOREACH name IN ARRAY ARRAY['audit_entries', 'notifications'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        -- … and what happens to a person, such as an account that begins with an invitation, in nobody's
        EXECUTE format('CREATE POLICY tenant ON %I USING (organization_id %s)'
                       ' WITH CHECK (organization_id %s OR organization_id %s OR organization_id IS NULL)',
                       name, mine, mine, hosts);
        EXECUTE format('CREATE POLICY auth_adds ON %I FOR INSERT TO solarhub_auth WITH CHECK (organization_id IS NULL)',
                       name);
    END LOOP;
    ALTER TABLE idempotent_answers ENABLE ROW LEVEL SECURITY;
    ALTER TABLE idempotent_answers FORCE ROW LEVEL SECURITY;
    CREATE POLICY actor ON idempotent_answers
        USING (actor_id = (SELECT nullif(current_setting('app.actor_id', true), ''))::uuid)
        WITH CHECK (actor_id = (SELECT nullif(current_setting('app.actor_id', true), ''))::uuid);
    FOREACH name IN ARRAY ARRAY['organization_members', 'site_grants', 'site_handovers', 'device_tokens',
                                'device_claims', 'device_claim_requests', 'alert_announcements', 'notifications',
                                'webhooks', 'audit_entries', 'idempotent_answers'] LOOP
        EXECUTE format('CREATE POLICY worker ON %I TO solarhub_worker USING (true) WITH CHECK (true)', name);
    END LOOP;
    -- who is calling, and where they belong, is settled before an organization is entered
    FOREACH name IN ARRAY ARRAY['organization_members', 'site_grants', 'site_handovers', 'api_keys', 'notifications',
                                'audit_entries', 'sites'] LOOP
        EXECUTE format('CREATE POLICY auth ON %I FOR SELECT TO solarhub_auth USING (true)', name);
    END LOOP;
    CREATE POLICY auth_touches ON api_keys FOR UPDATE TO solarhub_auth USING (true) WITH CHECK (true);
END
$$;

-- app: people's own doings inside their organizations

GRANT SELECT, INSERT, UPDATE ON webhooks, site_grants, site_handovers, device_claims, device_claim_requests
    TO solarhub_app;

GRANT SELECT, INSERT, UPDATE, DELETE ON organization_logos, idempotent_answers TO solarhub_app;

GRANT SELECT (id, organization_id, created_by, name, permissions, created_at, expires_at, last_used_at, revoked_at),
    INSERT, UPDATE (revoked_at) ON api_keys TO solarhub_app;

GRANT SELECT (expires_at), UPDATE (expires_at) ON device_tokens TO solarhub_app;

GRANT SELECT, INSERT ON alert_notes, alert_announcements, audit_entries TO solarhub_app;

GRANT SELECT (id, organization_id, user_id, channel, recipient, event, subject_id, content, state, attempts, not_before,
              provider_id, last_error, created_at, settled_at), INSERT ON notifications TO solarhub_app;

-- auth: who somebody is. It alone reads what proves that.

GRANT SELECT, INSERT, UPDATE, DELETE ON user_sessions, user_links, user_second_factors, user_recovery_codes, throttles
    TO solarhub_auth;

GRANT UPDATE (email, phone, password_hash, first_name, last_name, is_active, is_verified, preferences) ON users
    TO solarhub_auth;

GRANT SELECT (settings, logo_url, owner_id) ON organizations TO solarhub_auth;

-- what an invitation to one plant is about
GRANT SELECT (id, organization_id, name, removed_at) ON sites TO solarhub_auth;

GRANT SELECT ON organization_members, site_grants, site_handovers, api_keys, notifications, audit_entries
    TO solarhub_auth;

GRANT UPDATE (last_used_at) ON api_keys TO solarhub_auth;

GRANT INSERT ON notifications, audit_entries TO solarhub_auth;

-- worker: what goes on by itself

GRANT SELECT (id, email, phone, first_name, last_name, role, is_active, is_verified, preferences, removed_at) ON users
    TO solarhub_worker;

GRANT SELECT ON organization_members, site_grants, webhooks, device_tokens TO solarhub_worker;

GRANT SELECT, UPDATE ON site_handovers, device_claims TO solarhub_worker;

GRANT SELECT, INSERT, UPDATE ON device_claim_requests, alert_announcements, notifications TO solarhub_worker;

GRANT UPDATE (status, maintenance_until) ON sites TO solarhub_worker;

GRANT UPDATE (maintenance_until, serial_number, removed_at, connection_config) ON devices TO solarhub_worker;

GRANT UPDATE (revoked_at) ON device_tokens TO solarhub_worker;

GRANT UPDATE (is_active) ON webhooks TO solarhub_worker;

GRANT UPDATE (organization_key, layout_id) ON telemetry_samples TO solarhub_worker;

GRANT INSERT ON audit_entries TO solarhub_worker;

GRANT SELECT (actor_id, key, created_at), DELETE ON idempotent_answers TO solarhub_worker;

GRANT SELECT ON ALL TABLES IN SCHEMA public TO solarhub_backup;

GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO solarhub_backup;

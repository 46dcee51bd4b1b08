-- People who sign in, customers who see one plant, and messages that go out. A statement ends at an empty line.

-- ------------------------------------------------------------------------------------------------------- accounts
-- Kept by the auth role alone. No tenant owns a person, so none of these is a tenant table.

CREATE TABLE user_sessions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    token_sha256 bytea NOT NULL,
    awaiting_second_factor boolean DEFAULT false NOT NULL,
    second_factor_at timestamptz,
    address text,
    user_agent text,
    created_at timestamptz DEFAULT now() NOT NULL,
    last_seen_at timestamptz DEFAULT now() NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT pk_user_sessions PRIMARY KEY (id),
    CONSTRAINT uq_user_sessions_token_sha256 UNIQUE (token_sha256),
    CONSTRAINT fk_user_sessions_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_user_sessions_sha256 CHECK (octet_length(token_sha256) = 32)
);

CREATE INDEX ix_user_sessions_user_id ON user_sessions (user_id);

CREATE INDEX ix_user_sessions_expires_at ON user_sessions (expires_at);

-- A link that works once: it is deleted by the statement that reads it. Only its hash is kept.

CREATE TABLE user_links (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    purpose text NOT NULL,
    user_id uuid,
    email text,
    token_sha256 bytea NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_user_links PRIMARY KEY (id),
    CONSTRAINT uq_user_links_token_sha256 UNIQUE (token_sha256),
    CONSTRAINT fk_user_links_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_user_links_sha256 CHECK (octet_length(token_sha256) = 32),
    CONSTRAINT ck_user_links_purpose CHECK (purpose IN ('set_up', 'sign_in', 'verify_email', 'change_email',
        'reset_password')),
    CONSTRAINT ck_user_links_user_id CHECK ((purpose = 'set_up') = (user_id IS NULL)),
    CONSTRAINT ck_user_links_email CHECK ((purpose IN ('verify_email', 'change_email')) = (email IS NOT NULL))
);

CREATE INDEX ix_user_links_user_id ON user_links (user_id);

CREATE INDEX ix_user_links_expires_at ON user_links (expires_at);

CREATE TABLE user_second_factors (
    user_id uuid NOT NULL,
    secret_sealed text NOT NULL,
    confirmed_at timestamptz,
    last_step bigint,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_user_second_factors PRIMARY KEY (user_id),
    CONSTRAINT fk_user_second_factors_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE TABLE user_recovery_codes (
    user_id uuid NOT NULL,
    code_sha256 bytea NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_user_recovery_codes PRIMARY KEY (user_id, code_sha256),
    CONSTRAINT fk_user_recovery_codes_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_user_recovery_codes_sha256 CHECK (octet_length(code_sha256) = 32)
);

-- How full each bucket is, as the instant at which it will be empty again (GCRA: one row, one statement per try).

CREATE TABLE throttles (
    bucket text NOT NULL,
    empty_at timestamptz NOT NULL,
    CONSTRAINT pk_throttles PRIMARY KEY (bucket)
) WITH (fillfactor = 70);

CREATE INDEX ix_throttles_empty_at ON throttles (empty_at);

-- -------------------------------------------------------------------------------------------------- organizations

-- What whoever invites somebody knows of them: what an account says of its owner is shown to those he has joined.

ALTER TABLE organization_members ADD COLUMN invited_name text, ADD COLUMN invited_email text,
    ADD COLUMN invited_phone text;

CREATE TABLE organization_logos (
    organization_id uuid NOT NULL,
    png bytea NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_organization_logos PRIMARY KEY (organization_id),
    CONSTRAINT fk_organization_logos_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    CONSTRAINT ck_organization_logos_png CHECK (octet_length(png) <= 262144)
);

CREATE TABLE api_keys (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    created_by uuid NOT NULL,
    name text NOT NULL,
    token_sha256 bytea NOT NULL,
    permissions text[] NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT pk_api_keys PRIMARY KEY (id),
    CONSTRAINT uq_api_keys_token_sha256 UNIQUE (token_sha256),
    CONSTRAINT fk_api_keys_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    CONSTRAINT fk_api_keys_created_by_users FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_api_keys_name CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT ck_api_keys_sha256 CHECK (octet_length(token_sha256) = 32)
);

CREATE INDEX ix_api_keys_organization_id ON api_keys (organization_id);

CREATE INDEX ix_api_keys_created_by ON api_keys (created_by);

CREATE TABLE webhooks (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    url text NOT NULL,
    description text,
    secret_sealed text NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_by uuid NOT NULL,
    removed_at timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT pk_webhooks PRIMARY KEY (id),
    CONSTRAINT fk_webhooks_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    CONSTRAINT fk_webhooks_created_by_users FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE INDEX ix_webhooks_organization_id ON webhooks (organization_id);

CREATE INDEX ix_webhooks_created_by ON webhooks (created_by);

-- The answer to a create that named an Idempotency-Key, for whoever asked: kept a day.

CREATE TABLE idempotent_answers (
    actor_id uuid NOT NULL,
    key text NOT NULL,
    request_sha256 bytea NOT NULL,
    status integer,
    headers jsonb,
    body bytea,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_idempotent_answers PRIMARY KEY (actor_id, key),
    CONSTRAINT ck_idempotent_answers_key CHECK (length(key) BETWEEN 1 AND 255)
);

CREATE INDEX ix_idempotent_answers_created_at ON idempotent_answers (created_at);

-- ---------------------------------------------------------------------------------------------------------- sites

ALTER TABLE sites ADD COLUMN maintenance_until timestamptz;

ALTER TABLE sites ADD CONSTRAINT ck_sites_maintenance_until
    CHECK (maintenance_until IS NULL OR status = 'maintenance');

CREATE INDEX ix_sites_organization_id_name_id ON sites (organization_id, name, id);

CREATE INDEX ix_sites_maintenance_until ON sites (maintenance_until) WHERE maintenance_until IS NOT NULL;

-- Who sees one plant of an organization: a person, another organization, or somebody who was invited and has not
-- answered yet.

CREATE TABLE site_grants (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    site_id uuid NOT NULL,
    user_id uuid,
    grantee_organization_id uuid,
    role org_member_role NOT NULL,
    expires_at timestamptz,
    granted_by uuid NOT NULL,
    invited_name text,
    invited_email text,
    invited_phone text,
    invited_organization text,
    invitation_token text,
    invitation_expires timestamptz,
    accepted_at timestamptz,
    removed_at timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT pk_site_grants PRIMARY KEY (id),
    CONSTRAINT uq_site_grants_invitation_token UNIQUE (invitation_token),
    CONSTRAINT fk_site_grants_organization_id_site_id_sites FOREIGN KEY (organization_id, site_id)
        REFERENCES sites (organization_id, id) ON DELETE RESTRICT DEFERRABLE,
    CONSTRAINT fk_site_grants_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_site_grants_grantee_organization_id_organizations
        FOREIGN KEY (grantee_organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    CONSTRAINT fk_site_grants_granted_by_users FOREIGN KEY (granted_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_site_grants_role CHECK (role IN ('manager', 'viewer', 'installer')),
    CONSTRAINT ck_site_grants_grantee CHECK (num_nonnulls(user_id, grantee_organization_id) = 1
        OR num_nonnulls(user_id, grantee_organization_id) = 0 AND accepted_at IS NULL),
    CONSTRAINT ck_site_grants_invited_email CHECK (invited_email = lower(invited_email))
);

CREATE INDEX ix_site_grants_organization_id_site_id ON site_grants (organization_id, site_id);

CREATE INDEX ix_site_grants_user_id ON site_grants (user_id);

CREATE INDEX ix_site_grants_grantee_organization_id ON site_grants (grantee_organization_id);

CREATE INDEX ix_site_grants_granted_by ON site_grants (granted_by);

CREATE UNIQUE INDEX uq_site_grants_site_id_user_id ON site_grants (site_id, user_id) WHERE removed_at IS NULL;

CREATE UNIQUE INDEX uq_site_grants_site_id_grantee_organization_id ON site_grants (site_id, grantee_organization_id)
    WHERE removed_at IS NULL;

-- A plant on its way to another organization: offered, taken, and its raw samples moved day by day behind it.

CREATE TABLE site_handovers (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    site_id uuid NOT NULL,
    -- as it was called then: its giver sees it no more
    site_name text NOT NULL,
    to_organization_id uuid,
    offered_by uuid NOT NULL,
    invited_name text,
    invited_email text,
    invited_phone text,
    invited_organization text,
    invitation_token text,
    invitation_expires timestamptz,
    keep_role org_member_role,
    keep_until timestamptz,
    accepted_by uuid,
    accepted_at timestamptz,
    withdrawn_at timestamptz,
    device_keys integer[] DEFAULT '{}' NOT NULL,
    telemetry_moved_to date,
    telemetry_moved_at timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_site_handovers PRIMARY KEY (id),
    CONSTRAINT uq_site_handovers_invitation_token UNIQUE (invitation_token),
    CONSTRAINT fk_site_handovers_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    -- the site's organization is the one it has now; this row remembers the one it had
    CONSTRAINT fk_site_handovers_site_id_sites FOREIGN KEY (site_id) REFERENCES sites (id) ON DELETE RESTRICT,
    CONSTRAINT fk_site_handovers_to_organization_id_organizations
        FOREIGN KEY (to_organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    CONSTRAINT fk_site_handovers_offered_by_users FOREIGN KEY (offered_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_site_handovers_accepted_by_users FOREIGN KEY (accepted_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_site_handovers_accepted CHECK (accepted_at IS NULL OR to_organization_id IS NOT NULL),
    CONSTRAINT ck_site_handovers_keep_role CHECK (keep_role IN ('manager', 'viewer', 'installer'))
);

CREATE INDEX ix_site_handovers_organization_id ON site_handovers (organization_id);

CREATE INDEX ix_site_handovers_to_organization_id ON site_handovers (to_organization_id);

CREATE INDEX ix_site_handovers_offered_by ON site_handovers (offered_by);

CREATE INDEX ix_site_handovers_accepted_by ON site_handovers (accepted_by);

CREATE UNIQUE INDEX uq_site_handovers_open ON site_handovers (site_id)
    WHERE accepted_at IS NULL AND withdrawn_at IS NULL;

CREATE INDEX ix_site_handovers_moving ON site_handovers (accepted_at)
    WHERE accepted_at IS NOT NULL AND telemetry_moved_at IS NULL;

-- -------------------------------------------------------------------------------------------------------- devices

ALTER TABLE devices ADD COLUMN maintenance_until timestamptz;

ALTER TABLE devices ADD CONSTRAINT ck_devices_maintenance_until
    CHECK (maintenance_until IS NULL OR status = 'maintenance');

CREATE INDEX ix_devices_maintenance_until ON devices (maintenance_until) WHERE maintenance_until IS NOT NULL;

-- the one in whose place it stands now; a handover that parts the two forgets it

ALTER TABLE devices ADD COLUMN replaces uuid;

ALTER TABLE devices ADD CONSTRAINT uq_devices_replaces UNIQUE (replaces);

ALTER TABLE devices ADD CONSTRAINT fk_devices_organization_id_replaces_devices FOREIGN KEY (organization_id, replaces)
    REFERENCES devices (organization_id, id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE devices ADD CONSTRAINT ck_devices_replaces CHECK (replaces <> id);

ALTER TABLE device_tokens ADD COLUMN expires_at timestamptz;

-- A serial number that is taken elsewhere: what the claimant knows, and apart from it what the present holder is asked.
-- The two never stand in one row, so that neither side's wall shows the other.

CREATE TABLE device_claims (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    device_id uuid NOT NULL,
    serial_number text NOT NULL,
    message text,
    claimed_by uuid NOT NULL,
    proof_sha256 bytea,
    state text DEFAULT 'pending' NOT NULL,
    looked_at timestamptz,
    settled_at timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_device_claims PRIMARY KEY (id),
    CONSTRAINT fk_device_claims_organization_id_device_id_devices FOREIGN KEY (organization_id, device_id)
        REFERENCES devices (organization_id, id) ON DELETE RESTRICT DEFERRABLE,
    CONSTRAINT fk_device_claims_claimed_by_users FOREIGN KEY (claimed_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_device_claims_state CHECK (state IN ('pending', 'granted', 'refused', 'withdrawn')),
    CONSTRAINT ck_device_claims_settled CHECK ((state = 'pending') = (settled_at IS NULL))
);

CREATE INDEX ix_device_claims_organization_id_device_id ON device_claims (organization_id, device_id);

CREATE INDEX ix_device_claims_claimed_by ON device_claims (claimed_by);

CREATE UNIQUE INDEX uq_device_claims_open ON device_claims (device_id) WHERE state = 'pending';

CREATE INDEX ix_device_claims_pending ON device_claims (looked_at NULLS FIRST) WHERE state = 'pending';

CREATE TABLE device_claim_requests (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    claim_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    device_id uuid NOT NULL,
    claimant_name text NOT NULL,
    message text,
    answer text,
    answered_by uuid,
    answered_at timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_device_claim_requests PRIMARY KEY (id),
    CONSTRAINT uq_device_claim_requests_claim_id_device_id UNIQUE (claim_id, device_id),
    CONSTRAINT fk_device_claim_requests_organization_id_device_id_devices FOREIGN KEY (organization_id, device_id)
        REFERENCES devices (organization_id, id) ON DELETE RESTRICT DEFERRABLE,
    CONSTRAINT fk_device_claim_requests_answered_by_users
        FOREIGN KEY (answered_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_device_claim_requests_answer CHECK (answer IN ('granted', 'refused', 'proven', 'lapsed')),
    CONSTRAINT ck_device_claim_requests_answered CHECK ((answer IS NULL) = (answered_at IS NULL))
);

CREATE INDEX ix_device_claim_requests_organization_id_device_id ON device_claim_requests (organization_id, device_id);

CREATE INDEX ix_device_claim_requests_answered_by ON device_claim_requests (answered_by);

-- --------------------------------------------------------------------------------------------------------- alerts

ALTER TABLE alert_episodes ADD CONSTRAINT uq_alert_episodes_organization_id_alert_id UNIQUE (organization_id, alert_id);

DROP INDEX ix_alert_episodes_organization_id;

-- What people wrote when they acknowledged or resolved. Refers to the episode, which stays when the alert is archived.

CREATE TABLE alert_notes (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    alert_id uuid NOT NULL,
    author_id uuid NOT NULL,
    act text NOT NULL,
    note text,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_alert_notes PRIMARY KEY (id),
    CONSTRAINT fk_alert_notes_organization_id_alert_id_alert_episodes FOREIGN KEY (organization_id, alert_id)
        REFERENCES alert_episodes (organization_id, alert_id) ON DELETE RESTRICT DEFERRABLE,
    CONSTRAINT fk_alert_notes_author_id_users FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_alert_notes_act CHECK (act IN ('acknowledge', 'resolve', 'comment')),
    CONSTRAINT ck_alert_notes_note CHECK (length(note) BETWEEN 1 AND 2000)
);

CREATE INDEX ix_alert_notes_organization_id_alert_id ON alert_notes (organization_id, alert_id);

CREATE INDEX ix_alert_notes_author_id ON alert_notes (author_id);

-- That an alert opened or closed, written by the transaction that did it; who is to hear of it is worked out afterwards.

CREATE TABLE alert_announcements (
    alert_id uuid NOT NULL,
    event text NOT NULL,
    organization_id uuid NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    addressed_at timestamptz,
    CONSTRAINT pk_alert_announcements PRIMARY KEY (alert_id, event),
    CONSTRAINT fk_alert_announcements_organization_id_alert_id_alert_episodes FOREIGN KEY (organization_id, alert_id)
        REFERENCES alert_episodes (organization_id, alert_id) ON DELETE RESTRICT DEFERRABLE,
    CONSTRAINT ck_alert_announcements_event CHECK (event IN ('opened', 'closed'))
);

CREATE INDEX ix_alert_announcements_organization_id_alert_id ON alert_announcements (organization_id, alert_id);

CREATE INDEX ix_alert_announcements_waiting ON alert_announcements (created_at) WHERE addressed_at IS NULL;

-- -------------------------------------------------------------------------------------------------- notifications
-- One row for each message to one recipient on one way. Claimed with a lease, sent outside any transaction.

CREATE TABLE notifications (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid,
    user_id uuid,
    channel text NOT NULL,
    recipient text NOT NULL,
    event text NOT NULL,
    subject_id uuid,
    content jsonb NOT NULL,
    secret_sealed text,
    state text DEFAULT 'pending' NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    not_before timestamptz DEFAULT now() NOT NULL,
    lease_until timestamptz,
    lease_token uuid,
    provider_id text,
    last_error text,
    created_at timestamptz DEFAULT now() NOT NULL,
    settled_at timestamptz,
    recorded_at timestamptz,
    CONSTRAINT pk_notifications PRIMARY KEY (id),
    CONSTRAINT fk_notifications_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    CONSTRAINT fk_notifications_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_notifications_channel CHECK (channel IN ('email', 'sms', 'push', 'webhook', 'whatsapp')),
    CONSTRAINT ck_notifications_state CHECK (state IN ('pending', 'sending', 'sent', 'failed', 'cancelled')),
    CONSTRAINT ck_notifications_lease CHECK ((state = 'sending') = (lease_token IS NOT NULL)),
    CONSTRAINT ck_notifications_settled CHECK ((state IN ('sent', 'failed', 'cancelled')) = (settled_at IS NOT NULL)),
    CONSTRAINT ck_notifications_content CHECK (jsonb_typeof(content) = 'object')
);

CREATE UNIQUE INDEX uq_notifications_subject_id_event_channel_recipient
    ON notifications (subject_id, event, channel, recipient) WHERE subject_id IS NOT NULL;

CREATE INDEX ix_notifications_organization_id_created_at ON notifications (organization_id, created_at);

CREATE INDEX ix_notifications_user_id ON notifications (user_id);

CREATE INDEX ix_notifications_due ON notifications (channel, not_before) WHERE state = 'pending';

CREATE INDEX ix_notifications_leased ON notifications (lease_until) WHERE state = 'sending';

CREATE INDEX ix_notifications_unrecorded ON notifications (settled_at)
    WHERE state = 'sent' AND recorded_at IS NULL AND subject_id IS NOT NULL;

-- ---------------------------------------------------------------------------------------------------------- audit

CREATE TABLE audit_entries (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid,
    at timestamptz DEFAULT now() NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    api_key_id uuid,
    action text NOT NULL,
    target_type text NOT NULL,
    target_id uuid,
    before jsonb,
    after jsonb,
    address text,
    request_id text,
    CONSTRAINT pk_audit_entries PRIMARY KEY (id),
    CONSTRAINT fk_audit_entries_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    CONSTRAINT ck_audit_entries_actor_kind CHECK (actor_kind IN ('person', 'api_key', 'operator', 'hub', 'nobody'))
);

CREATE INDEX ix_audit_entries_organization_id_id ON audit_entries (organization_id, id);

CREATE FUNCTION refuse_rewriting_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only ever added to' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER refuse_rewriting_history BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting_history();

-- ----------------------------------------------------------------------------------------------------- the rest of it
-- The document's two triggers, for what people edit under If-Match.

DO $$
DECLARE
    edited text;
BEGIN
    FOREACH edited IN ARRAY ARRAY['webhooks', 'site_grants'] LOOP
        EXECUTE format('CREATE TRIGGER set_updated_at BEFORE UPDATE ON %I '
                       'FOR EACH ROW EXECUTE FUNCTION set_updated_at()', edited);
        EXECUTE format('CREATE TRIGGER increment_version BEFORE UPDATE ON %I '
                       'FOR EACH ROW EXECUTE FUNCTION increment_version()', edited);
    END LOOP;
END
$$;

-- A site that changes hands takes everything along: its rows are moved table by table, and checked when all are there.

ALTER TABLE devices ALTER CONSTRAINT fk_devices_organization_id_site_id_sites DEFERRABLE;

ALTER TABLE alert_rules ALTER CONSTRAINT fk_alert_rules_organization_id_site_id_sites DEFERRABLE;

ALTER TABLE alerts ALTER CONSTRAINT fk_alerts_organization_id_rule_id_alert_rules DEFERRABLE;

ALTER TABLE alerts ALTER CONSTRAINT fk_alerts_organization_id_site_id_sites DEFERRABLE;

ALTER TABLE alerts ALTER CONSTRAINT fk_alerts_organization_id_device_id_devices DEFERRABLE;

ALTER TABLE device_tokens ALTER CONSTRAINT fk_device_tokens_organization_id_device_id_devices DEFERRABLE;

ALTER TABLE device_state ALTER CONSTRAINT fk_device_state_organization_id_device_id_devices DEFERRABLE;

ALTER TABLE telemetry_quarantine ALTER CONSTRAINT fk_telemetry_quarantine_organization_id_device_id_devices DEFERRABLE;

ALTER TABLE alert_episodes ALTER CONSTRAINT fk_alert_episodes_organization_id_rule_id_alert_rules DEFERRABLE;

ALTER TABLE alert_rule_states ALTER CONSTRAINT fk_alert_rule_states_organization_id_rule_id_alert_rules DEFERRABLE;

ALTER TABLE alert_rule_states ALTER CONSTRAINT fk_alert_rule_states_organization_id_device_id_devices DEFERRABLE;

-- What people do about alerts, messages that go out, and who did what. A statement ends at an empty line.

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

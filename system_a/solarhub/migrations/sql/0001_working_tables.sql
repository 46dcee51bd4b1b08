-- What the hub needs beside the document's seven tables: credentials, hot state, raw samples, episodes.

CREATE TABLE device_tokens (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    device_id uuid NOT NULL,
    token_sha256 bytea NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT pk_device_tokens PRIMARY KEY (id),
    CONSTRAINT uq_device_tokens_token_sha256 UNIQUE (token_sha256),
    CONSTRAINT fk_device_tokens_organization_id_device_id_devices
        FOREIGN KEY (organization_id, device_id) REFERENCES devices (organization_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_device_tokens_sha256 CHECK (octet_length(token_sha256) = 32)
);

CREATE INDEX ix_device_tokens_organization_id_device_id ON device_tokens (organization_id, device_id);

-- Written with every batch, so it stands apart from devices: no version trigger, room on each page for HOT updates.

CREATE TABLE device_state (
    device_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    device_key integer NOT NULL,
    last_sample_at timestamptz,
    last_received_at timestamptz,
    judged_until timestamptz,
    latest jsonb DEFAULT '{}' NOT NULL,
    CONSTRAINT pk_device_state PRIMARY KEY (device_id),
    CONSTRAINT uq_device_state_device_key UNIQUE (device_key),
    CONSTRAINT fk_device_state_organization_id_device_id_devices
        FOREIGN KEY (organization_id, device_id) REFERENCES devices (organization_id, id) ON DELETE RESTRICT
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX ix_device_state_organization_id_device_id ON device_state (organization_id, device_id);

-- Which metric stands at which place of a sample's readings: `metric` or `metric:channel`, per organization.
-- Found by the hash of the names: an index row holds 2704 bytes, a device with many channels has longer ones.

CREATE TABLE telemetry_layouts (
    id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
    organization_key integer NOT NULL,
    series text[] NOT NULL,
    series_sha256 bytea NOT NULL,
    CONSTRAINT pk_telemetry_layouts PRIMARY KEY (id),
    CONSTRAINT uq_telemetry_layouts_organization_key_series_sha256 UNIQUE (organization_key, series_sha256),
    CONSTRAINT ck_telemetry_layouts_series_sha256 CHECK (octet_length(series_sha256) = 32),
    CONSTRAINT fk_telemetry_layouts_organization_key_organizations
        FOREIGN KEY (organization_key) REFERENCES organizations (organization_key) ON DELETE RESTRICT
);

-- One row per device and instant. Integers instead of UUIDs, one array instead of a row per metric: a twelfth of the
-- work and an eighth of the bytes. readings[i] belongs to series[i] of the layout, in catalogue units; NULL: not reported.

CREATE TABLE telemetry_samples (
    organization_key integer NOT NULL,
    device_key integer NOT NULL,
    at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    layout_id integer NOT NULL,
    late boolean NOT NULL,
    readings double precision[] NOT NULL,
    CONSTRAINT pk_telemetry_samples PRIMARY KEY (device_key, at)
) PARTITION BY RANGE (at);

-- Partitions are made while the hub runs, by a role that owns nothing. COPY is refused on a table with row-level
-- security, so the worker copies into the partition itself; the app role reaches samples through the parent alone.

CREATE FUNCTION ensure_telemetry_partition(day date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    partition text := 'telemetry_samples_' || pg_catalog.to_char(day, 'YYYYMMDD');
    starts timestamptz := day::timestamp AT TIME ZONE 'UTC';
    ends timestamptz := (day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
    IF day NOT BETWEEN DATE '2000-01-01' AND CURRENT_DATE + 2 THEN
        RAISE EXCEPTION 'telemetry partition for % refused: the day lies in the future or before 2000', day
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF pg_catalog.to_regclass('public.' || partition) IS NULL THEN
        PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('telemetry_partition'));
        IF pg_catalog.to_regclass('public.' || partition) IS NULL THEN
            EXECUTE pg_catalog.format('CREATE TABLE public.%I (LIKE public.telemetry_samples INCLUDING ALL)', partition);
            EXECUTE pg_catalog.format('ALTER TABLE public.telemetry_samples ATTACH PARTITION public.%I '
                                      'FOR VALUES FROM (%L) TO (%L)', partition, starts, ends);
            EXECUTE pg_catalog.format('GRANT SELECT, INSERT ON public.%I TO solarhub_worker', partition);
        END IF;
    END IF;
    RETURN partition;
END
$$;

CREATE TABLE telemetry_quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    organization_id uuid NOT NULL,
    device_id uuid NOT NULL,
    received_at timestamptz NOT NULL,
    at timestamptz,
    metric text,
    reason text NOT NULL,
    raw text NOT NULL,
    CONSTRAINT pk_telemetry_quarantine PRIMARY KEY (id),
    CONSTRAINT fk_telemetry_quarantine_organization_id_device_id_devices
        FOREIGN KEY (organization_id, device_id) REFERENCES devices (organization_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_telemetry_quarantine_raw CHECK (octet_length(raw) <= 4096)
);

CREATE INDEX ix_telemetry_quarantine_organization_id_received_at ON telemetry_quarantine (organization_id, received_at);

CREATE INDEX ix_telemetry_quarantine_device_id ON telemetry_quarantine (device_id);

-- The episode owns the alert's id: alerts may be archived, the guards against a second alert stay here.

CREATE TABLE alert_episodes (
    alert_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    rule_id uuid NOT NULL,
    target text NOT NULL,
    streak_started_at timestamptz NOT NULL,
    triggered_at timestamptz NOT NULL,
    closed_at timestamptz,
    CONSTRAINT pk_alert_episodes PRIMARY KEY (alert_id),
    CONSTRAINT uq_alert_episodes_rule_id_target_streak_started_at UNIQUE (rule_id, target, streak_started_at),
    CONSTRAINT fk_alert_episodes_organization_id_rule_id_alert_rules
        FOREIGN KEY (organization_id, rule_id) REFERENCES alert_rules (organization_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_alert_episodes_target CHECK (target ~ '^(device|site):[0-9a-f-]{36}$')
);

CREATE UNIQUE INDEX uq_alert_episodes_open ON alert_episodes (rule_id, target) WHERE closed_at IS NULL;

CREATE INDEX ix_alert_episodes_organization_id ON alert_episodes (organization_id);

CREATE TABLE alert_rule_states (
    rule_id uuid NOT NULL,
    target text NOT NULL,
    organization_id uuid NOT NULL,
    device_id uuid,
    rule_version integer NOT NULL,
    streak_started_at timestamptz,
    awaiting_clear boolean DEFAULT false NOT NULL,
    open_alert_id uuid,
    last_triggered_at timestamptz,
    changed_at timestamptz NOT NULL,
    CONSTRAINT pk_alert_rule_states PRIMARY KEY (rule_id, target),
    CONSTRAINT fk_alert_rule_states_organization_id_rule_id_alert_rules
        FOREIGN KEY (organization_id, rule_id) REFERENCES alert_rules (organization_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_alert_rule_states_organization_id_device_id_devices
        FOREIGN KEY (organization_id, device_id) REFERENCES devices (organization_id, id) ON DELETE RESTRICT
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX ix_alert_rule_states_organization_id_device_id ON alert_rule_states (organization_id, device_id);

-- One owner at a time judges a shard of devices; another takes over when its lease runs out.

CREATE TABLE evaluation_leases (
    shard integer NOT NULL,
    owner text NOT NULL,
    leased_until timestamptz NOT NULL,
    CONSTRAINT pk_evaluation_leases PRIMARY KEY (shard)
);

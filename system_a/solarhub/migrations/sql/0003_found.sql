-- Who reports at the brokers without being known: what they sent waits until somebody adopts them, and stays for a
-- while afterwards, so that a mapping that is corrected can read it anew.

CREATE TABLE found_senders (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    broker_key text NOT NULL,
    sender text NOT NULL,
    -- '' where nobody understands them
    dialect text NOT NULL,
    mapping_version integer NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    messages bigint NOT NULL,
    facts jsonb DEFAULT '{}' NOT NULL,
    -- topic -> {"at": RFC 3339, "payload": text}
    examples jsonb DEFAULT '{}' NOT NULL,
    available boolean,
    -- under whose topics they were heard
    gateway_id uuid,
    device_id uuid,
    adopted_at timestamptz,
    -- of times that name no zone; NULL: the plant's
    time_zone text,
    ignored_at timestamptz,
    replay_from timestamptz,
    replay_asked_at timestamptz,
    replayed_at timestamptz,
    replay_told jsonb,
    CONSTRAINT pk_found_senders PRIMARY KEY (id),
    CONSTRAINT uq_found_senders_organization_id_id UNIQUE (organization_id, id),
    CONSTRAINT fk_found_senders_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    -- a plant that changes hands takes along what its devices had sent
    CONSTRAINT fk_found_senders_organization_id_device_id_devices FOREIGN KEY (organization_id, device_id)
        REFERENCES devices (organization_id, id) ON UPDATE CASCADE ON DELETE RESTRICT DEFERRABLE,
    CONSTRAINT ck_found_senders_sender CHECK (length(sender) BETWEEN 1 AND 512),
    CONSTRAINT ck_found_senders_adopted CHECK ((device_id IS NULL) = (adopted_at IS NULL)),
    CONSTRAINT ck_found_senders_ignored CHECK (ignored_at IS NULL OR device_id IS NULL),
    CONSTRAINT ck_found_senders_replay CHECK (replay_asked_at IS NULL OR replay_from IS NOT NULL AND device_id IS NOT NULL)
);

-- one that waits; a plant that comes from elsewhere may bring an adopted one of the same name along

CREATE UNIQUE INDEX uq_found_senders_waiting ON found_senders (organization_id, broker_key, sender)
    WHERE device_id IS NULL;

CREATE INDEX ix_found_senders_organization_id_device_id ON found_senders (organization_id, device_id);

CREATE INDEX ix_found_senders_adopted ON found_senders (organization_id, broker_key, sender) WHERE device_id IS NOT NULL;

CREATE INDEX ix_found_senders_replay ON found_senders (replay_asked_at) WHERE replay_asked_at IS NOT NULL;

-- Messages as they came, many in a row, compressed. `instants` are those of the samples that were stored of them, in
-- microseconds since 1970; NULL: nothing was, yet.

CREATE TABLE raw_messages (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    organization_id uuid NOT NULL,
    sender_id uuid NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    messages integer NOT NULL,
    dialect text NOT NULL,
    mapping_version integer NOT NULL,
    instants bigint[],
    body bytea NOT NULL,
    CONSTRAINT pk_raw_messages PRIMARY KEY (id),
    CONSTRAINT fk_raw_messages_organization_id_sender_id_found_senders FOREIGN KEY (organization_id, sender_id)
        REFERENCES found_senders (organization_id, id) ON UPDATE CASCADE ON DELETE CASCADE DEFERRABLE,
    CONSTRAINT ck_raw_messages_messages CHECK (messages > 0)
);

-- it is compressed already

ALTER TABLE raw_messages ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE INDEX ix_raw_messages_organization_id_sender_id ON raw_messages (organization_id, sender_id);

CREATE INDEX ix_raw_messages_sender_id_last_at ON raw_messages (sender_id, last_at);

CREATE INDEX ix_raw_messages_last_at ON raw_messages (last_at);

CREATE INDEX ix_raw_messages_pending ON raw_messages (sender_id) WHERE instants IS NULL;

-- What other topics carry, as those say who announce themselves: needed to read what comes later, and kept messages.

CREATE TABLE found_announcements (
    organization_id uuid NOT NULL,
    broker_key text NOT NULL,
    topic text NOT NULL,
    payload bytea NOT NULL,
    received_at timestamptz NOT NULL,
    CONSTRAINT pk_found_announcements PRIMARY KEY (organization_id, broker_key, topic),
    CONSTRAINT fk_found_announcements_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE RESTRICT
);

DO $$
DECLARE
    name text;
    mine text := '= ANY ((SELECT nullif(current_setting(''app.organization_ids'', true), ''''))::uuid[])';
BEGIN
    FOREACH name IN ARRAY ARRAY['found_senders', 'raw_messages', 'found_announcements'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY tenant ON %I USING (organization_id %s) WITH CHECK (organization_id %s)',
                       name, mine, mine);
        EXECUTE format('CREATE POLICY worker ON %I TO solarhub_worker USING (true) WITH CHECK (true)', name);
    END LOOP;
END
$$;

GRANT SELECT, UPDATE (device_id, adopted_at, time_zone, ignored_at, replay_from, replay_asked_at) ON found_senders
    TO solarhub_app;

GRANT SELECT ON found_announcements TO solarhub_app;

GRANT SELECT, INSERT, UPDATE, DELETE ON found_senders, raw_messages, found_announcements TO solarhub_worker;

-- a corrected mapping replaces what the wrong one had stored

GRANT DELETE ON telemetry_samples TO solarhub_worker;

GRANT SELECT ON found_senders, raw_messages, found_announcements TO solarhub_backup;

-- Two who want the same day's partition at the same moment both get it.

CREATE OR REPLACE FUNCTION ensure_telemetry_partition(day date) RETURNS text
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
        -- a table that somebody made meanwhile is in the rows of the catalogue before to_regclass learns of it
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c
                       WHERE c.relname = partition AND c.relnamespace = 'public'::regnamespace) THEN
            EXECUTE pg_catalog.format('CREATE TABLE public.%I (LIKE public.telemetry_samples INCLUDING ALL)', partition);
            EXECUTE pg_catalog.format('ALTER TABLE public.telemetry_samples ATTACH PARTITION public.%I '
                                      'FOR VALUES FROM (%L) TO (%L)', partition, starts, ends);
            EXECUTE pg_catalog.format('GRANT SELECT, INSERT ON public.%I TO solarhub_worker', partition);
        END IF;
    END IF;
    RETURN partition;
END
$$;

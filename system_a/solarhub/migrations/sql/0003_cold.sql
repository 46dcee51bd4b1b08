-- Days that are over, as compressed blocks. docs/formats/blocks.md describes the bytes; what names the columns is the
-- layout, which stands beside them, so that a block changes hands without being written again.

CREATE TABLE telemetry_blocks (
    organization_key integer NOT NULL,
    device_key integer NOT NULL,
    day date NOT NULL,
    part smallint NOT NULL,
    layout_id integer NOT NULL,
    rows integer NOT NULL,
    imported integer NOT NULL,
    readings integer NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    block bytea NOT NULL,
    CONSTRAINT pk_telemetry_blocks PRIMARY KEY (device_key, day, part),
    CONSTRAINT ck_telemetry_blocks_rows CHECK (rows > 0 AND imported BETWEEN 0 AND rows AND readings >= 0),
    CONSTRAINT ck_telemetry_blocks_day CHECK (first_at >= day::timestamp AT TIME ZONE 'UTC' AND first_at <= last_at
                                              AND last_at < (day + 1)::timestamp AT TIME ZONE 'UTC')
);

-- The bytes are dense already: PostgreSQL's own compression would only look for what is not there.

ALTER TABLE telemetry_blocks ALTER COLUMN block SET STORAGE EXTERNAL;

-- Retention goes by organization and age; ranges of a day, whoever asks how much there is.

CREATE INDEX ix_telemetry_blocks_organization_key_day ON telemetry_blocks (organization_key, day);

-- Days of which there may be blocks. Whoever adds a row to such a day looks into them first: what was stored first stays.

CREATE TABLE telemetry_cold_days (
    day date NOT NULL,
    compacted_at timestamptz,
    CONSTRAINT pk_telemetry_cold_days PRIMARY KEY (day)
);

-- Devices of which rows arrived in a day while it was being written into blocks: those are read once more.

CREATE TABLE telemetry_stirred (
    day date NOT NULL,
    device_key integer NOT NULL,
    CONSTRAINT pk_telemetry_stirred PRIMARY KEY (day, device_key)
);

ALTER TABLE telemetry_blocks ENABLE ROW LEVEL SECURITY;

ALTER TABLE telemetry_blocks FORCE ROW LEVEL SECURITY;

DO $$
DECLARE
    mine text := '= ANY ((SELECT nullif(current_setting(''app.organization_keys'', true), ''''))::integer[])';
BEGIN
    EXECUTE format('CREATE POLICY tenant ON telemetry_blocks USING (organization_key %s) WITH CHECK (organization_key %s)',
                   mine, mine);
    CREATE POLICY worker ON telemetry_blocks TO solarhub_worker USING (true) WITH CHECK (true);
END
$$;

CREATE FUNCTION note_telemetry_stirred() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    INSERT INTO public.telemetry_stirred (day, device_key)
    VALUES ((NEW.at AT TIME ZONE 'UTC')::date, NEW.device_key)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

-- From the end of this function's transaction on, rows that arrive in the day are told of in telemetry_stirred. It waits
-- for those who are writing there, a moment only; false: they were longer about it, or there is nothing to watch.

CREATE FUNCTION watch_telemetry_partition(day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    partition text := 'telemetry_samples_' || pg_catalog.to_char(day, 'YYYYMMDD');
BEGIN
    IF pg_catalog.to_regclass('public.' || partition) IS NULL THEN
        RETURN false;
    END IF;
    PERFORM pg_catalog.set_config('lock_timeout', '500ms', true);
    EXECUTE pg_catalog.format('LOCK TABLE public.%I IN SHARE ROW EXCLUSIVE MODE', partition);
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
                   WHERE t.tgrelid = pg_catalog.to_regclass('public.' || partition) AND t.tgname = 'note_stirred') THEN
        EXECUTE pg_catalog.format('CREATE TRIGGER note_stirred AFTER INSERT ON public.%I '
                                  'FOR EACH ROW EXECUTE FUNCTION public.note_telemetry_stirred()', partition);
    END IF;
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END
$$;

-- Raw rows leave here and nowhere else: when all of them lie in blocks (`into_blocks`), or when they are older than
-- anybody keeps them. Whoever reads or writes is kept waiting for a moment at most. What became of it: dropped, gone
-- (there was none), stirred (rows arrived that may lie in no block), or busy.

CREATE FUNCTION drop_telemetry_partition(day date, into_blocks boolean) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    partition text := 'telemetry_samples_' || pg_catalog.to_char(day, 'YYYYMMDD');
BEGIN
    IF day IS NULL OR into_blocks IS NULL OR day >= (pg_catalog.now() AT TIME ZONE 'UTC')::date - 1 THEN
        RAISE EXCEPTION 'telemetry partition for % stays: the day is not over for long enough', day
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF pg_catalog.to_regclass('public.' || partition) IS NULL THEN
        RETURN 'gone';
    END IF;
    PERFORM pg_catalog.set_config('lock_timeout', '500ms', true);
    LOCK TABLE ONLY public.telemetry_samples IN ACCESS EXCLUSIVE MODE;
    EXECUTE pg_catalog.format('LOCK TABLE public.%I IN ACCESS EXCLUSIVE MODE', partition);
    IF into_blocks AND (
        NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
                    WHERE t.tgrelid = pg_catalog.to_regclass('public.' || partition) AND t.tgname = 'note_stirred')
        OR EXISTS (SELECT FROM public.telemetry_stirred AS s WHERE s.day = drop_telemetry_partition.day)
    ) THEN
        RETURN 'stirred';
    END IF;
    EXECUTE pg_catalog.format('DROP TABLE public.%I', partition);
    RETURN 'dropped';
EXCEPTION WHEN lock_not_available THEN
    RETURN 'busy';
END
$$;

REVOKE ALL ON FUNCTION note_telemetry_stirred() FROM PUBLIC;

REVOKE ALL ON FUNCTION watch_telemetry_partition(date) FROM PUBLIC;

REVOKE ALL ON FUNCTION drop_telemetry_partition(date, boolean) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION watch_telemetry_partition(date) TO solarhub_worker;

GRANT EXECUTE ON FUNCTION drop_telemetry_partition(date, boolean) TO solarhub_worker;

GRANT SELECT ON telemetry_blocks TO solarhub_app, solarhub_backup;

GRANT SELECT ON telemetry_cold_days, telemetry_stirred TO solarhub_backup;

GRANT SELECT, INSERT, DELETE, UPDATE ON telemetry_blocks TO solarhub_worker;

GRANT SELECT, INSERT, UPDATE, DELETE ON telemetry_cold_days, telemetry_stirred TO solarhub_worker;

-- What raw rows add up to: quarters of an hour (in UTC, which serve every time zone), and hours, days and months at the
-- site. One row per device and bucket, its figures in arrays by layout: a row per value would be eight times as large.
-- NaN: not reported, or not known. They are kept for good and never compressed.
--   kwh        growth of an energy counter, or the area under power_output; NULL where no series tells energy
--   reported   how many values there are of each series; NULL: `samples` of each
--   marks      what to know of the energy of each series (telemetry/rollups/vocabulary.py); NULL: nothing
--   moved      seconds since 1970 at which a counter last moved that stood still throughout; NULL: none did

CREATE TABLE rollup_quarters (
    device_key integer NOT NULL,
    start timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    organization_key integer NOT NULL,
    layout_id integer NOT NULL,
    samples integer NOT NULL,
    interval_seconds integer NOT NULL,
    mean double precision[] NOT NULL,
    least double precision[] NOT NULL,
    greatest double precision[] NOT NULL,
    last double precision[] NOT NULL,
    kwh double precision[],
    reported integer[],
    marks integer[],
    moved double precision[],
    CONSTRAINT pk_rollup_quarters PRIMARY KEY (device_key, start)
);

-- `start` is where an hour begins by the site's clocks; it ends at `ends_at`. Here and below `samples` may be 0: nothing
-- was reported, and the energy of a gap is booked to it.

CREATE TABLE rollup_hours (
    device_key integer NOT NULL,
    start timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    last_at timestamptz,
    organization_key integer NOT NULL,
    layout_id integer NOT NULL,
    samples integer NOT NULL,
    interval_seconds integer NOT NULL,
    mean double precision[] NOT NULL,
    least double precision[] NOT NULL,
    greatest double precision[] NOT NULL,
    last double precision[] NOT NULL,
    kwh double precision[],
    reported integer[],
    marks integer[],
    CONSTRAINT pk_rollup_hours PRIMARY KEY (device_key, start)
) WITH (fillfactor = 85);

-- A day of a device at the plant where it stood then. Beside its figures the energy that counts: what was measured, and
-- what counts after a person's correction.

CREATE TABLE rollup_days (
    device_key integer NOT NULL,
    day date NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    last_at timestamptz,
    organization_key integer NOT NULL,
    site_id uuid NOT NULL,
    layout_id integer NOT NULL,
    samples integer NOT NULL,
    interval_seconds integer NOT NULL,
    mean double precision[] NOT NULL,
    least double precision[] NOT NULL,
    greatest double precision[] NOT NULL,
    last double precision[] NOT NULL,
    kwh double precision[],
    reported integer[],
    marks integer[],
    energy_kwh double precision,
    measured_kwh double precision,
    energy_method text,
    energy_marks integer DEFAULT 0 NOT NULL,
    correction_id uuid,
    CONSTRAINT pk_rollup_days PRIMARY KEY (device_key, day),
    CONSTRAINT ck_rollup_days_energy_method CHECK (energy_method IN ('counter', 'power'))
) WITH (fillfactor = 80);

CREATE INDEX ix_rollup_days_site_id_day ON rollup_days (site_id, day);

CREATE TABLE rollup_months (
    device_key integer NOT NULL,
    month date NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    last_at timestamptz,
    organization_key integer NOT NULL,
    layout_id integer NOT NULL,
    samples integer NOT NULL,
    interval_seconds integer NOT NULL,
    mean double precision[] NOT NULL,
    least double precision[] NOT NULL,
    greatest double precision[] NOT NULL,
    last double precision[] NOT NULL,
    kwh double precision[],
    reported integer[],
    marks integer[],
    CONSTRAINT pk_rollup_months PRIMARY KEY (device_key, month)
);

-- Energy that a counter told of after a time in which nothing was reported, or in which it stood still: it belongs to
-- that time and to no reading. Those within one quarter stand in the quarter itself.

CREATE TABLE rollup_gaps (
    device_key integer NOT NULL,
    series text NOT NULL,
    ended_at timestamptz NOT NULL,
    started_at timestamptz NOT NULL,
    organization_key integer NOT NULL,
    kwh double precision NOT NULL,
    marks integer NOT NULL,
    CONSTRAINT pk_rollup_gaps PRIMARY KEY (device_key, series, ended_at),
    CONSTRAINT ck_rollup_gaps_ended_at CHECK (ended_at > started_at)
);

-- A day of a plant: the energy of its inverters, or where it has none, of all of its devices. `covered_seconds` is how
-- long they were heard, each up to the whole day; `devices` how many there should have been.

CREATE TABLE site_energy_days (
    site_id uuid NOT NULL,
    day date NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    organization_id uuid NOT NULL,
    energy_kwh double precision,
    measured_kwh double precision,
    energy_method text,
    energy_marks integer NOT NULL,
    covered_seconds double precision NOT NULL,
    devices integer NOT NULL,
    CONSTRAINT pk_site_energy_days PRIMARY KEY (site_id, day),
    CONSTRAINT fk_site_energy_days_organization_id_site_id_sites
        FOREIGN KEY (organization_id, site_id) REFERENCES sites (organization_id, id) ON DELETE RESTRICT DEFERRABLE,
    CONSTRAINT ck_site_energy_days_energy_method CHECK (energy_method IN ('counter', 'power', 'mixed'))
) WITH (fillfactor = 85);

CREATE INDEX ix_site_energy_days_organization_id_day ON site_energy_days (organization_id, day);

-- What is still to be rolled: hours in UTC of raw rows, days at the site. The plants of one shard have one worker at a
-- time.

CREATE TABLE rollup_todo (
    shard smallint NOT NULL,
    device_key integer NOT NULL,
    hour timestamptz NOT NULL,
    CONSTRAINT pk_rollup_todo PRIMARY KEY (shard, device_key, hour)
);

-- `from_quarters`: the site's clocks are others now, and its hours begin elsewhere.

CREATE TABLE rollup_days_todo (
    shard smallint NOT NULL,
    device_key integer NOT NULL,
    day date NOT NULL,
    from_quarters boolean DEFAULT false NOT NULL,
    CONSTRAINT pk_rollup_days_todo PRIMARY KEY (shard, device_key, day)
);

CREATE TABLE rollup_months_todo (
    device_key integer NOT NULL,
    month date NOT NULL,
    due_at timestamptz NOT NULL,
    CONSTRAINT pk_rollup_months_todo PRIMARY KEY (device_key, month)
);

CREATE INDEX ix_rollup_months_todo_due_at ON rollup_months_todo (due_at);

-- The ledger of corrections. Nothing is taken out of it: one that is undone keeps its line.

CREATE TABLE energy_corrections (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    device_id uuid NOT NULL,
    device_key integer NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    kwh_before double precision,
    kwh double precision NOT NULL,
    reason text NOT NULL,
    corrected_by uuid,
    corrected_at timestamptz DEFAULT now() NOT NULL,
    undone_by uuid,
    undone_at timestamptz,
    CONSTRAINT pk_energy_corrections PRIMARY KEY (id),
    CONSTRAINT fk_energy_corrections_organization_id_device_id_devices
        FOREIGN KEY (organization_id, device_id) REFERENCES devices (organization_id, id)
        ON DELETE RESTRICT DEFERRABLE,
    CONSTRAINT fk_energy_corrections_corrected_by_users
        FOREIGN KEY (corrected_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_energy_corrections_undone_by_users
        FOREIGN KEY (undone_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_energy_corrections_kwh CHECK (kwh >= 0 AND kwh < 'infinity'),
    CONSTRAINT ck_energy_corrections_days CHECK (last_day BETWEEN first_day AND first_day + 366),
    CONSTRAINT ck_energy_corrections_reason CHECK (length(reason) BETWEEN 1 AND 1000)
);

CREATE INDEX ix_energy_corrections_device_key_first_day ON energy_corrections (device_key, first_day);

CREATE INDEX ix_energy_corrections_organization_id_device_id ON energy_corrections (organization_id, device_id);

CREATE INDEX ix_energy_corrections_corrected_by ON energy_corrections (corrected_by);

CREATE INDEX ix_energy_corrections_undone_by ON energy_corrections (undone_by);

CREATE FUNCTION rollup_shard(site_id uuid) RETURNS smallint
LANGUAGE sql IMMUTABLE AS $$ SELECT (hashtext(site_id::text) & 15)::smallint $$;

-- A plant that changes hands takes its days and its ledger along at once; the roll-ups of its devices follow by the
-- worker, as raw rows do. It happens inside hand_over_site, as the owner who stands in both organizations.

CREATE FUNCTION rollups_follow_site() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    UPDATE public.site_energy_days SET organization_id = NEW.organization_id WHERE site_id = NEW.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER rollups_follow AFTER UPDATE OF organization_id ON sites FOR EACH ROW
    WHEN (OLD.organization_id <> NEW.organization_id) EXECUTE FUNCTION rollups_follow_site();

CREATE FUNCTION rollups_follow_device() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    UPDATE public.energy_corrections SET organization_id = NEW.organization_id WHERE device_id = NEW.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER rollups_follow AFTER UPDATE OF organization_id ON devices FOR EACH ROW
    WHEN (OLD.organization_id <> NEW.organization_id) EXECUTE FUNCTION rollups_follow_device();

-- By other clocks the hours and days of a plant are others: they are put together anew from its quarters.

CREATE TABLE rollup_clocks_todo (
    site_id uuid NOT NULL,
    CONSTRAINT pk_rollup_clocks_todo PRIMARY KEY (site_id)
);

CREATE FUNCTION rollups_follow_clocks() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    INSERT INTO public.rollup_clocks_todo (site_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE TRIGGER rollups_follow_clocks AFTER UPDATE OF timezone ON sites FOR EACH ROW
    WHEN (OLD.timezone <> NEW.timezone) EXECUTE FUNCTION rollups_follow_clocks();

-- Logins that read the views of one organization, for dashboards and notebooks. Whatever such a login sets for itself,
-- the name it logged in with decides what it sees.

CREATE TABLE reader_roles (
    role_name text NOT NULL,
    organization_id uuid NOT NULL,
    organization_key integer NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_reader_roles PRIMARY KEY (role_name),
    CONSTRAINT fk_reader_roles_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    CONSTRAINT ck_reader_roles_role_name CHECK (role_name ~ '^solarhub_reader_[a-z0-9_]{1,48}$')
);

CREATE INDEX ix_reader_roles_organization_id ON reader_roles (organization_id);

DO $$
DECLARE
    name text;
    owned text;
    mine text := '= ANY ((SELECT nullif(current_setting(''app.organization_ids'', true), ''''))::uuid[])';
    mine_by_key text := '= ANY ((SELECT nullif(current_setting(''app.organization_keys'', true), ''''))::integer[])';
    hosts text := '= ANY ((SELECT nullif(current_setting(''app.host_organization_ids'', true), ''''))::uuid[])';
    lent text := '= ANY ((SELECT nullif(current_setting(''app.site_ids'', true), ''''))::uuid[])';
    seen text;
    read text;
    of_the_hub text := '(SELECT starts_with(current_user::text, ''solarhub_'')'
                       ' AND NOT starts_with(current_user::text, ''solarhub_reader_''))';
BEGIN
    FOREACH name IN ARRAY ARRAY['rollup_quarters', 'rollup_hours', 'rollup_days', 'rollup_months', 'rollup_gaps',
                                'site_energy_days', 'energy_corrections', 'reader_roles'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['rollup_quarters', 'rollup_hours', 'rollup_days', 'rollup_months', 'rollup_gaps'] LOOP
        EXECUTE format('CREATE POLICY tenant ON %I USING (organization_key %s) WITH CHECK (organization_key %s)',
                       name, mine_by_key, mine_by_key);
    END LOOP;
    EXECUTE format('CREATE POLICY tenant ON site_energy_days USING (organization_id %s OR site_id %s)'
                   ' WITH CHECK (organization_id %s OR organization_id %s AND site_id %s)', mine, lent, mine, hosts, lent);
    seen := format('device_id = ANY (ARRAY(SELECT d.id FROM devices d WHERE d.site_id %s))', lent);
    EXECUTE format('CREATE POLICY tenant ON energy_corrections USING (organization_id %s OR %s)'
                   ' WITH CHECK (organization_id %s OR organization_id %s AND %s)', mine, seen, mine, hosts, seen);
    EXECUTE format('CREATE POLICY tenant ON reader_roles USING (organization_id %s) WITH CHECK (organization_id %s)',
                   mine, mine);
    FOREACH name IN ARRAY ARRAY['rollup_quarters', 'rollup_hours', 'rollup_days', 'rollup_months', 'rollup_gaps',
                                'site_energy_days', 'energy_corrections'] LOOP
        EXECUTE format('CREATE POLICY worker ON %I TO solarhub_worker USING (true) WITH CHECK (true)', name);
    END LOOP;
    -- The views run as their owner, so that a policy for the owner is one for whoever reads a view. What lets a reader
    -- in holds for its own organization; and whatever it may have set to be let in elsewhere, the second keeps it there.
    CREATE POLICY reader ON reader_roles FOR SELECT TO solarhub_owner USING (role_name = current_user);
    FOR name, owned IN VALUES
        ('rollup_quarters', 'organization_key'), ('rollup_hours', 'organization_key'),
        ('rollup_days', 'organization_key'), ('rollup_months', 'organization_key'),
        ('rollup_gaps', 'organization_key'), ('telemetry_layouts', 'organization_key'),
        ('site_energy_days', 'organization_id'), ('energy_corrections', 'organization_id'),
        ('sites', 'organization_id'), ('devices', 'organization_id') LOOP
        read := format('%I = (SELECT r.%I FROM reader_roles r WHERE r.role_name = current_user)', owned, owned);
        EXECUTE format('CREATE POLICY reader ON %I FOR SELECT TO solarhub_owner USING (%s)', name, read);
        EXECUTE format('CREATE POLICY reader_alone ON %I AS RESTRICTIVE FOR SELECT TO solarhub_owner USING (%s OR %s)',
                       name, of_the_hub, read);
    END LOOP;
END
$$;

GRANT SELECT ON rollup_quarters, rollup_hours, rollup_days, rollup_months, rollup_gaps, site_energy_days
    TO solarhub_app;

GRANT SELECT, INSERT, UPDATE (undone_by, undone_at) ON energy_corrections TO solarhub_app;

GRANT INSERT ON rollup_days_todo, rollup_clocks_todo TO solarhub_app;

GRANT SELECT, INSERT, UPDATE, DELETE ON rollup_quarters, rollup_hours, rollup_days, rollup_months, rollup_gaps,
    site_energy_days, rollup_todo, rollup_days_todo, rollup_months_todo, rollup_clocks_todo TO solarhub_worker;

GRANT SELECT ON energy_corrections TO solarhub_worker;

GRANT SELECT ON rollup_quarters, rollup_hours, rollup_days, rollup_months, rollup_gaps, site_energy_days, rollup_todo,
    rollup_days_todo, rollup_months_todo, rollup_clocks_todo, energy_corrections, reader_roles TO solarhub_backup;

-- Files of the past that were brought along: who, what, by which map, and what became of their rows. Counts of what is
-- stored stand with the parts, which the worker writes in the transaction of their rows.

CREATE TABLE history_imports (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    file_name text NOT NULL,
    file_sha256 bytea NOT NULL,
    file_bytes bigint NOT NULL,
    map text NOT NULL,
    map_version integer NOT NULL,
    -- of times that name none; NULL: the map's own, or each plant's
    time_zone text,
    imported_by uuid,
    started_at timestamptz DEFAULT now() NOT NULL,
    -- NULL: it is at work, or something ended it; what it stored until then is told by its parts
    finished_at timestamptz,
    rows bigint DEFAULT 0 NOT NULL,
    refused bigint DEFAULT 0 NOT NULL,
    refused_values bigint DEFAULT 0 NOT NULL,
    undone_by uuid,
    undone_at timestamptz,
    CONSTRAINT pk_history_imports PRIMARY KEY (id),
    CONSTRAINT uq_history_imports_organization_id_id UNIQUE (organization_id, id),
    CONSTRAINT fk_history_imports_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    CONSTRAINT fk_history_imports_imported_by_users
        FOREIGN KEY (imported_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_history_imports_undone_by_users
        FOREIGN KEY (undone_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_history_imports_file_name CHECK (length(file_name) BETWEEN 1 AND 255),
    CONSTRAINT ck_history_imports_file_sha256 CHECK (length(file_sha256) = 32)
);

CREATE INDEX ix_history_imports_organization_id_started_at ON history_imports (organization_id, started_at);

CREATE INDEX ix_history_imports_imported_by ON history_imports (imported_by);

CREATE INDEX ix_history_imports_undone_by ON history_imports (undone_by);

-- What one transaction stored of one device. `instants`, compressed: those of its rows, so that they can be taken out
-- again and nothing else; NULL once they were. No key leads to the device: it may change hands, and what was done with
-- it here stays on record.

CREATE TABLE history_import_parts (
    organization_id uuid NOT NULL,
    import_id uuid NOT NULL,
    part integer NOT NULL,
    device_id uuid NOT NULL,
    device_key integer NOT NULL,
    device text NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    stored integer NOT NULL,
    duplicates integer NOT NULL,
    conflicts integer NOT NULL,
    taken_out integer,
    instants bytea,
    CONSTRAINT pk_history_import_parts PRIMARY KEY (organization_id, import_id, part),
    CONSTRAINT fk_history_import_parts_organization_id_import_id_history_imports
        FOREIGN KEY (organization_id, import_id) REFERENCES history_imports (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_history_import_parts_counts
        CHECK (stored >= 0 AND duplicates >= 0 AND conflicts BETWEEN 0 AND duplicates AND taken_out >= 0)
);

ALTER TABLE history_import_parts ALTER COLUMN instants SET STORAGE EXTERNAL;

DO $$
DECLARE
    name text;
    mine text := '= ANY ((SELECT nullif(current_setting(''app.organization_ids'', true), ''''))::uuid[])';
BEGIN
    FOREACH name IN ARRAY ARRAY['history_imports', 'history_import_parts'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY tenant ON %I USING (organization_id %s) WITH CHECK (organization_id %s)',
                       name, mine, mine);
        EXECUTE format('CREATE POLICY worker ON %I TO solarhub_worker USING (true) WITH CHECK (true)', name);
    END LOOP;
END
$$;

GRANT SELECT, INSERT ON history_imports TO solarhub_app;

GRANT UPDATE (finished_at, rows, refused, refused_values, undone_by, undone_at) ON history_imports TO solarhub_app;

GRANT SELECT ON history_import_parts TO solarhub_app;

GRANT SELECT, INSERT, UPDATE ON history_import_parts TO solarhub_worker;

GRANT SELECT ON history_imports TO solarhub_worker;

GRANT SELECT ON history_imports, history_import_parts TO solarhub_backup;

-- When backups were taken, for whoever asks after their age. Nothing of a tenant stands here.

CREATE TABLE backup_runs (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    finished_at timestamptz DEFAULT now() NOT NULL,
    file text NOT NULL,
    bytes bigint NOT NULL,
    CONSTRAINT pk_backup_runs PRIMARY KEY (id)
);

CREATE INDEX ix_backup_runs_finished_at ON backup_runs (finished_at);

GRANT SELECT ON backup_runs TO solarhub_app;

GRANT SELECT, INSERT ON backup_runs TO solarhub_worker;

GRANT SELECT ON ALL TABLES IN SCHEMA public TO solarhub_backup;

GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO solarhub_backup;

-- partitions are made while the hub runs, and belong into a backup like every other table

ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO solarhub_backup;

ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON SEQUENCES TO solarhub_backup;

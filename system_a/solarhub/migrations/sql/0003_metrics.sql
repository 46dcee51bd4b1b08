-- Metrics that an organization adds for itself. Their names begin with x_, which no standard name ever will, so that a
-- quantity that joins the standard catalogue cannot change what somebody's devices and rules already mean. A name is
-- given once for good: what lies in the samples under it must go on meaning the same.

CREATE TABLE custom_metrics (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    name text NOT NULL,
    unit text NOT NULL,
    kind text NOT NULL,
    minimum double precision NOT NULL,
    maximum double precision NOT NULL,
    night text NOT NULL,
    meaning text NOT NULL,
    removed_at timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT pk_custom_metrics PRIMARY KEY (id),
    CONSTRAINT fk_custom_metrics_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    CONSTRAINT uq_custom_metrics_organization_id_name UNIQUE (organization_id, name),
    CONSTRAINT ck_custom_metrics_name CHECK (name ~ '^x_[a-z][a-z0-9]*(_[a-z0-9]+)*$' AND length(name) <= 64),
    CONSTRAINT ck_custom_metrics_unit CHECK (length(unit) BETWEEN 1 AND 16),
    CONSTRAINT ck_custom_metrics_kind CHECK (kind IN ('gauge', 'cumulative', 'daily', 'state', 'bitfield')),
    CONSTRAINT ck_custom_metrics_night CHECK (night IN ('hold', 'zero', 'nothing')),
    CONSTRAINT ck_custom_metrics_meaning CHECK (length(meaning) BETWEEN 1 AND 500),
    -- NaN is greater than every number, so that it is refused as well
    CONSTRAINT ck_custom_metrics_range CHECK (minimum >= -1e15 AND minimum < maximum AND maximum <= 1e15)
);

-- Whoever was lent a plant sees what its devices report, and so what that is; changing is for the organization alone.

ALTER TABLE custom_metrics ENABLE ROW LEVEL SECURITY;

ALTER TABLE custom_metrics FORCE ROW LEVEL SECURITY;

DO $$
DECLARE
    mine text := '= ANY ((SELECT nullif(current_setting(''app.organization_ids'', true), ''''))::uuid[])';
    hosts text := '= ANY ((SELECT nullif(current_setting(''app.host_organization_ids'', true), ''''))::uuid[])';
BEGIN
    EXECUTE format('CREATE POLICY tenant ON custom_metrics USING (organization_id %s OR organization_id %s)'
                   ' WITH CHECK (organization_id %s)', mine, hosts, mine);
    CREATE POLICY worker ON custom_metrics TO solarhub_worker USING (true) WITH CHECK (true);
END
$$;

CREATE TRIGGER set_updated_at BEFORE UPDATE ON custom_metrics FOR EACH ROW EXECUTE FUNCTION set_updated_at();

CREATE TRIGGER increment_version BEFORE UPDATE ON custom_metrics FOR EACH ROW EXECUTE FUNCTION increment_version();

GRANT SELECT, INSERT, UPDATE ON custom_metrics TO solarhub_app;

GRANT SELECT ON custom_metrics TO solarhub_worker, solarhub_backup;

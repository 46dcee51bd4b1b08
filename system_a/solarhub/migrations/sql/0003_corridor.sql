-- What the corridor from the doors to the disk needs: gateways that speak for others, raw rows that came from the past,
-- what roll-ups have not seen, and instants that were reported with two values.

ALTER TABLE devices ADD COLUMN gateway_id uuid;

ALTER TABLE devices ADD CONSTRAINT fk_devices_organization_id_gateway_id_devices
    FOREIGN KEY (organization_id, gateway_id) REFERENCES devices (organization_id, id)
    ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE devices ADD CONSTRAINT ck_devices_gateway CHECK (gateway_id <> id);

CREATE INDEX ix_devices_gateway_id ON devices (gateway_id);

ALTER TABLE telemetry_samples ADD COLUMN imported boolean DEFAULT false NOT NULL;

-- Device-hours with rows that no roll-up has seen. Written in the transaction of the rows themselves, taken away by the
-- roll-ups, which then count the epoch up: what a corridor remembers of its marks holds within one epoch alone.

CREATE TABLE telemetry_marks (
    hour timestamptz NOT NULL,
    device_key integer NOT NULL,
    marked_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_telemetry_marks PRIMARY KEY (hour, device_key)
);

-- One row at most; none is epoch 0.

CREATE TABLE telemetry_mark_epoch (
    is_only boolean DEFAULT true NOT NULL,
    epoch bigint NOT NULL,
    CONSTRAINT pk_telemetry_mark_epoch PRIMARY KEY (is_only),
    CONSTRAINT ck_telemetry_mark_epoch_is_only CHECK (is_only)
);

-- Whoever writes rows calls this in their transaction: nobody takes marks away until it ends. Being volatile it looks
-- again after it has waited for the lock; the number is MARKS_LOCK in telemetry/marks.py.

CREATE FUNCTION hold_telemetry_marks() RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = '' AS $$
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock_shared(5284733103);
    RETURN coalesce((SELECT epoch FROM public.telemetry_mark_epoch), 0);
END
$$;

-- How often a device reported an instant again with other values than the first, which stay; by the day of the instant.

CREATE TABLE telemetry_conflicts (
    organization_id uuid NOT NULL,
    device_id uuid NOT NULL,
    day date NOT NULL,
    conflicts bigint NOT NULL,
    last_at timestamptz NOT NULL,
    CONSTRAINT pk_telemetry_conflicts PRIMARY KEY (device_id, day),
    CONSTRAINT fk_telemetry_conflicts_organization_id_device_id_devices
        FOREIGN KEY (organization_id, device_id) REFERENCES devices (organization_id, id)
        ON DELETE RESTRICT DEFERRABLE
);

CREATE INDEX ix_telemetry_conflicts_organization_id_device_id ON telemetry_conflicts (organization_id, device_id);

ALTER TABLE telemetry_conflicts ENABLE ROW LEVEL SECURITY;

ALTER TABLE telemetry_conflicts FORCE ROW LEVEL SECURITY;

DO $$
DECLARE
    mine text := '= ANY ((SELECT nullif(current_setting(''app.organization_ids'', true), ''''))::uuid[])';
    hosts text := '= ANY ((SELECT nullif(current_setting(''app.host_organization_ids'', true), ''''))::uuid[])';
    lent text := '= ANY ((SELECT nullif(current_setting(''app.site_ids'', true), ''''))::uuid[])';
    seen text := format('device_id = ANY (ARRAY(SELECT d.id FROM devices d WHERE d.site_id %s))', lent);
BEGIN
    EXECUTE format('CREATE POLICY tenant ON telemetry_conflicts USING (organization_id %s OR %s)'
                   ' WITH CHECK (organization_id %s OR organization_id %s AND %s)', mine, seen, mine, hosts, seen);
    CREATE POLICY worker ON telemetry_conflicts TO solarhub_worker USING (true) WITH CHECK (true);
END
$$;

-- A plant changes hands inside hand_over_site, as the owner who stands in both organizations: what hangs on its devices
-- comes along, and ties between devices of which only one moves are cut.

CREATE FUNCTION telemetry_follows_device() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF TG_WHEN = 'BEFORE' THEN
        IF NOT EXISTS (SELECT FROM public.devices AS g WHERE g.id = NEW.gateway_id AND g.site_id = NEW.site_id) THEN
            NEW.gateway_id := NULL;
        END IF;
        RETURN NEW;
    END IF;
    UPDATE public.devices SET gateway_id = NULL WHERE gateway_id = NEW.id AND site_id <> NEW.site_id;
    UPDATE public.telemetry_conflicts SET organization_id = NEW.organization_id WHERE device_id = NEW.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER telemetry_stays_reachable BEFORE UPDATE OF organization_id ON devices FOR EACH ROW
    WHEN (OLD.organization_id <> NEW.organization_id AND NEW.gateway_id IS NOT NULL)
    EXECUTE FUNCTION telemetry_follows_device();

CREATE TRIGGER telemetry_follows AFTER UPDATE OF organization_id ON devices FOR EACH ROW
    WHEN (OLD.organization_id <> NEW.organization_id)
    EXECUTE FUNCTION telemetry_follows_device();

GRANT SELECT (gateway_id, name, serial_number, metadata, version) ON devices TO solarhub_auth;

GRANT SELECT ON telemetry_conflicts TO solarhub_app;

GRANT SELECT, INSERT, UPDATE ON telemetry_conflicts TO solarhub_worker;

GRANT SELECT, INSERT, UPDATE, DELETE ON telemetry_marks TO solarhub_worker;

GRANT SELECT, INSERT, UPDATE ON telemetry_mark_epoch TO solarhub_worker;

GRANT SELECT ON telemetry_marks, telemetry_mark_epoch, telemetry_conflicts TO solarhub_backup;

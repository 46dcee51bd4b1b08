-- The two triggers of docs/schema.md, on all seven tables.

CREATE FUNCTION set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

-- Two machine writes leave the version alone, so that a person's edit is not stale because a device reported or a
-- message went out: the roll-forward on devices and system appends on alerts. They say so for their transaction.

CREATE FUNCTION increment_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_NARGS = 1 AND current_setting('app.machine_write', true) = 'on' THEN
        NEW.version := OLD.version;
    ELSE
        NEW.version := OLD.version + 1;
    END IF;
    RETURN NEW;
END
$$;

DO $$
DECLARE
    seven text;
BEGIN
    FOREACH seven IN ARRAY ARRAY['users', 'organizations', 'organization_members', 'sites', 'devices', 'alert_rules',
                                 'alerts'] LOOP
        EXECUTE format('CREATE TRIGGER set_updated_at BEFORE UPDATE ON %I '
                       'FOR EACH ROW EXECUTE FUNCTION set_updated_at()', seven);
        EXECUTE format('CREATE TRIGGER increment_version BEFORE UPDATE ON %I '
                       'FOR EACH ROW EXECUTE FUNCTION increment_version(%s)', seven,
                       CASE WHEN seven IN ('devices', 'alerts') THEN quote_literal('machine writes exempt') ELSE '' END);
    END LOOP;
END
$$;

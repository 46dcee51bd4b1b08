-- What judging on committed batches needs: whose shard is whose, how far each device is judged, what was edited.

-- A rule judges what the hub took in after this: a restart reads rows back, and those from before the rule was written,
-- or asked something else, are not judged by it. Moved by a trigger, so that an edit in SQL counts as well.

ALTER TABLE alert_rules ADD COLUMN asks_since timestamptz DEFAULT '2000-01-01 00:00+00' NOT NULL;

ALTER TABLE alert_rules ALTER COLUMN asks_since SET DEFAULT now();

CREATE FUNCTION rule_asks_anew() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    NEW.asks_since := pg_catalog.now();
    RETURN NEW;
END
$$;

CREATE TRIGGER asks_anew BEFORE UPDATE ON alert_rules FOR EACH ROW
    WHEN (OLD.condition <> NEW.condition OR OLD.site_id IS DISTINCT FROM NEW.site_id OR NEW.is_active AND NOT OLD.is_active)
    EXECUTE FUNCTION rule_asks_anew();

-- Which rule, device or plant was edited, for evaluators that hold them in memory: a row for each edit, so that nobody
-- waits for anybody. Numbers of transactions grow, but their ends come in any order: a reader goes on from the oldest
-- one that was still running when it looked. Being heard from is no edit: it leaves the version alone.

CREATE TABLE evaluation_edits (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    kind text NOT NULL,
    object_id uuid NOT NULL,
    edited_by bigint DEFAULT (pg_current_xact_id()::text)::bigint NOT NULL,
    edited_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_evaluation_edits PRIMARY KEY (id)
);

CREATE INDEX ix_evaluation_edits_edited_by ON evaluation_edits (edited_by);

CREATE FUNCTION note_edit() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    INSERT INTO public.evaluation_edits (kind, object_id)
    VALUES (TG_ARGV[0], CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END);
    RETURN NULL;
END
$$;

-- A new device or plant is met with its first sample; a new rule is not.

DO $$
DECLARE
    kind text;
    watched text;
BEGIN
    FOREACH kind IN ARRAY ARRAY['rule', 'device', 'site'] LOOP
        watched := CASE kind WHEN 'rule' THEN 'alert_rules' ELSE kind || 's' END;
        EXECUTE format('CREATE TRIGGER note_edit AFTER UPDATE ON %I FOR EACH ROW'
                       ' WHEN (OLD.version IS DISTINCT FROM NEW.version) EXECUTE FUNCTION note_edit(%L)', watched, kind);
        EXECUTE format('CREATE TRIGGER note_removal AFTER DELETE ON %I FOR EACH ROW'
                       ' EXECUTE FUNCTION note_edit(%L)', watched, kind);
    END LOOP;
    CREATE TRIGGER note_new AFTER INSERT ON alert_rules FOR EACH ROW EXECUTE FUNCTION note_edit('rule');
END
$$;

-- Who judges now, so that shards can be shared out.

CREATE TABLE evaluators (
    owner text NOT NULL,
    seen_until timestamptz NOT NULL,
    CONSTRAINT pk_evaluators PRIMARY KEY (owner)
);

-- How far the devices of a shard are judged, in the time of their samples: judged_until[i], in microseconds since 1970
-- UTC, belongs to device_keys[i]. One row for thousands of devices: a row each would be written more than the samples.

CREATE TABLE evaluation_positions (
    shard integer NOT NULL,
    device_keys integer[] NOT NULL,
    judged_until bigint[] NOT NULL,
    CONSTRAINT pk_evaluation_positions PRIMARY KEY (shard),
    CONSTRAINT ck_evaluation_positions_length CHECK (cardinality(device_keys) = cardinality(judged_until))
);

-- "There is more of these devices": from the process that stored rows to the one that judges their shard.

CREATE TABLE evaluation_calls (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    shard integer NOT NULL,
    device_keys integer[] NOT NULL,
    CONSTRAINT pk_evaluation_calls PRIMARY KEY (id)
);

GRANT INSERT (kind, object_id) ON evaluation_edits TO solarhub_app, solarhub_worker;

GRANT SELECT, DELETE ON evaluation_edits TO solarhub_worker;

GRANT SELECT, INSERT, UPDATE, DELETE ON evaluators, evaluation_positions TO solarhub_worker;

GRANT SELECT, INSERT, DELETE ON evaluation_calls TO solarhub_worker;

GRANT SELECT ON evaluation_edits, evaluators, evaluation_positions, evaluation_calls TO solarhub_backup;

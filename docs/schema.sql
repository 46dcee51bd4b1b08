ALTER SCHEMA public OWNER TO solarhub_owner;

CREATE TYPE public.alert_severity AS ENUM (
    'info',
    'warning',
    'critical'
);

ALTER TYPE public.alert_severity OWNER TO solarhub_owner;

CREATE TYPE public.alert_status AS ENUM (
    'active',
    'acknowledged',
    'resolved',
    'expired'
);

ALTER TYPE public.alert_status OWNER TO solarhub_owner;

CREATE TYPE public.device_status AS ENUM (
    'online',
    'offline',
    'error',
    'maintenance',
    'unknown'
);

ALTER TYPE public.device_status OWNER TO solarhub_owner;

CREATE TYPE public.device_type AS ENUM (
    'inverter',
    'meter',
    'battery',
    'weather_station',
    'sensor',
    'gateway'
);

ALTER TYPE public.device_type OWNER TO solarhub_owner;

CREATE TYPE public.org_member_role AS ENUM (
    'owner',
    'admin',
    'manager',
    'viewer',
    'installer'
);

ALTER TYPE public.org_member_role OWNER TO solarhub_owner;

CREATE TYPE public.protocol_type AS ENUM (
    'modbus_tcp',
    'modbus_rtu',
    'mqtt',
    'http',
    'custom'
);

ALTER TYPE public.protocol_type OWNER TO solarhub_owner;

CREATE TYPE public.site_status AS ENUM (
    'active',
    'inactive',
    'maintenance',
    'decommissioned'
);

ALTER TYPE public.site_status OWNER TO solarhub_owner;

CREATE TYPE public.user_role AS ENUM (
    'super_admin',
    'owner',
    'admin',
    'manager',
    'viewer',
    'installer'
);

ALTER TYPE public.user_role OWNER TO solarhub_owner;

CREATE FUNCTION public.drop_telemetry_partition(day date, into_blocks boolean) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

ALTER FUNCTION public.drop_telemetry_partition(day date, into_blocks boolean) OWNER TO solarhub_owner;

CREATE FUNCTION public.ensure_telemetry_partition(day date) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

ALTER FUNCTION public.ensure_telemetry_partition(day date) OWNER TO solarhub_owner;

CREATE FUNCTION public.hand_over_site(moved uuid, receiver uuid) RETURNS integer[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    giver uuid;
    rule public.alert_rules;
    copied uuid;
    devices_moved uuid[];
    keys_moved integer[];
    rules_moved uuid[];
    alerts_moved uuid[];
    targets text[];
BEGIN
    -- whoever would add to what moves waits for the end, and is refused then
    SELECT organization_id INTO STRICT giver FROM public.sites WHERE id = moved FOR UPDATE;
    PERFORM FROM public.devices WHERE site_id = moved ORDER BY id FOR UPDATE;
    PERFORM FROM public.alert_rules WHERE site_id = moved ORDER BY id FOR UPDATE;
    SELECT coalesce(array_agg(id), '{}'), coalesce(array_agg(device_key ORDER BY device_key), '{}')
    INTO devices_moved, keys_moved FROM public.devices WHERE site_id = moved;
    SELECT array_agg('device:' || id) || ('site:' || moved) INTO targets FROM pg_catalog.unnest(devices_moved) AS id;
    SET CONSTRAINTS ALL DEFERRED;
    UPDATE public.alerts SET site_id = moved
    WHERE organization_id = giver AND device_id = ANY (devices_moved) AND site_id <> moved
      AND status IN ('active', 'acknowledged')
      AND rule_id IN (SELECT id FROM public.alert_rules WHERE organization_id = giver AND site_id IS NULL);
    UPDATE public.alerts SET device_id = NULL
    WHERE organization_id = giver AND site_id = moved AND device_id <> ALL (devices_moved);
    UPDATE public.alerts SET device_id = NULL
    WHERE organization_id = giver AND site_id <> moved AND device_id = ANY (devices_moved);
    FOR rule IN
        SELECT * FROM public.alert_rules AS r
        WHERE r.organization_id = giver AND r.site_id = moved
          AND EXISTS (SELECT FROM public.alerts AS a WHERE a.rule_id = r.id AND a.site_id <> moved)
    LOOP
        copied := pg_catalog.gen_random_uuid();
        INSERT INTO public.alert_rules (id, organization_id, site_id, name, description, condition, severity, channels,
                                        is_active, cooldown_minutes, auto_resolve, removed_at, created_at)
        VALUES (copied, giver, NULL, rule.name, rule.description, rule.condition, rule.severity, rule.channels,
                false, rule.cooldown_minutes, rule.auto_resolve, coalesce(rule.removed_at, now()), rule.created_at);
        UPDATE public.alert_episodes SET rule_id = copied
        WHERE alert_id IN (SELECT id FROM public.alerts WHERE rule_id = rule.id AND site_id <> moved);
        UPDATE public.alerts SET rule_id = copied WHERE rule_id = rule.id AND site_id <> moved;
    END LOOP;
    UPDATE public.sites SET organization_id = receiver WHERE id = moved;
    UPDATE public.alert_rules SET organization_id = receiver WHERE organization_id = giver AND site_id = moved;
    -- moving a rule counted its version up, and asks nothing else than before
    UPDATE public.alert_rule_states AS s
    SET organization_id = receiver,
        rule_version = CASE WHEN s.rule_version = r.version - 1 THEN r.version ELSE s.rule_version END
    FROM public.alert_rules AS r
    WHERE r.id = s.rule_id AND r.organization_id = receiver AND r.site_id = moved AND s.target = ANY (targets);
    FOR rule IN
        SELECT * FROM public.alert_rules AS r
        WHERE r.organization_id = giver
          AND (r.site_id IS NULL AND r.removed_at IS NULL
               OR EXISTS (SELECT FROM public.alerts AS a WHERE a.rule_id = r.id AND a.site_id = moved))
    LOOP
        copied := pg_catalog.gen_random_uuid();
        INSERT INTO public.alert_rules (id, organization_id, site_id, name, description, condition, severity, channels,
                                        is_active, cooldown_minutes, auto_resolve, removed_at, created_at)
        VALUES (copied, receiver, moved, rule.name, rule.description, rule.condition, rule.severity, rule.channels,
                rule.is_active, rule.cooldown_minutes, rule.auto_resolve,
                -- one that watches another plant by now has only its past here
                CASE WHEN rule.site_id IS NULL THEN rule.removed_at ELSE coalesce(rule.removed_at, now()) END,
                rule.created_at);
        UPDATE public.alert_episodes SET rule_id = copied
        WHERE alert_id IN (SELECT id FROM public.alerts WHERE rule_id = rule.id AND site_id = moved);
        UPDATE public.alerts SET rule_id = copied WHERE rule_id = rule.id AND site_id = moved;
        UPDATE public.alert_rule_states
        SET rule_id = copied, organization_id = receiver,
            rule_version = CASE WHEN rule_version = rule.version THEN 1 ELSE 0 END
        WHERE rule_id = rule.id AND target = ANY (targets) AND rule.site_id IS NULL;
    END LOOP;
    SELECT coalesce(array_agg(id), '{}') INTO rules_moved
    FROM public.alert_rules WHERE organization_id = receiver AND site_id = moved;
    -- where a rule stood on a device that it does not watch any more
    DELETE FROM public.alert_rule_states
    WHERE organization_id = giver AND (device_id = ANY (devices_moved) OR rule_id = ANY (rules_moved));
    -- one that stands elsewhere by now no longer says whose place it took
    UPDATE public.devices SET replaces = NULL
    WHERE (id = ANY (devices_moved)) <> (replaces = ANY (devices_moved)) AND organization_id = giver;
    UPDATE public.devices SET organization_id = receiver WHERE id = ANY (devices_moved);
    UPDATE public.device_tokens SET organization_id = receiver WHERE device_id = ANY (devices_moved);
    UPDATE public.device_state SET organization_id = receiver WHERE device_id = ANY (devices_moved);
    UPDATE public.telemetry_quarantine SET organization_id = receiver WHERE device_id = ANY (devices_moved);
    UPDATE public.device_claims SET organization_id = receiver WHERE device_id = ANY (devices_moved);
    UPDATE public.device_claim_requests SET organization_id = receiver WHERE device_id = ANY (devices_moved);
    SELECT coalesce(array_agg(alert_id), '{}') INTO alerts_moved
    FROM public.alert_episodes WHERE organization_id = giver AND rule_id = ANY (rules_moved);
    UPDATE public.alert_notes SET organization_id = receiver WHERE alert_id = ANY (alerts_moved);
    UPDATE public.alert_announcements SET organization_id = receiver WHERE alert_id = ANY (alerts_moved);
    UPDATE public.alert_episodes SET organization_id = receiver WHERE alert_id = ANY (alerts_moved);
    UPDATE public.alerts SET organization_id = receiver WHERE organization_id = giver AND site_id = moved;
    -- what was lent to the receiver is its own now; whoever else saw the plant goes on to see it
    UPDATE public.site_grants SET removed_at = now()
    WHERE site_id = moved AND grantee_organization_id = receiver AND removed_at IS NULL;
    UPDATE public.site_grants SET organization_id = receiver WHERE organization_id = giver AND site_id = moved;
    SET CONSTRAINTS ALL IMMEDIATE;
    RETURN keys_moved;
END
$$;

ALTER FUNCTION public.hand_over_site(moved uuid, receiver uuid) OWNER TO solarhub_owner;

CREATE FUNCTION public.hold_telemetry_marks() RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock_shared(5284733103);
    RETURN coalesce((SELECT epoch FROM public.telemetry_mark_epoch), 0);
END
$$;

ALTER FUNCTION public.hold_telemetry_marks() OWNER TO solarhub_owner;

CREATE FUNCTION public.increment_version() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_NARGS = 1 AND current_setting('app.machine_write', true) = 'on' THEN
        NEW.version := OLD.version;
    ELSE
        NEW.version := OLD.version + 1;
    END IF;
    RETURN NEW;
END
$$;

ALTER FUNCTION public.increment_version() OWNER TO solarhub_owner;

CREATE FUNCTION public.note_edit() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
BEGIN
    INSERT INTO public.evaluation_edits (kind, object_id)
    VALUES (TG_ARGV[0], CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END);
    RETURN NULL;
END
$$;

ALTER FUNCTION public.note_edit() OWNER TO solarhub_owner;

CREATE FUNCTION public.note_telemetry_stirred() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
BEGIN
    INSERT INTO public.telemetry_stirred (day, device_key)
    VALUES ((NEW.at AT TIME ZONE 'UTC')::date, NEW.device_key)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

ALTER FUNCTION public.note_telemetry_stirred() OWNER TO solarhub_owner;

CREATE FUNCTION public.refuse_rewriting_history() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only ever added to' USING ERRCODE = 'insufficient_privilege';
END
$$;

ALTER FUNCTION public.refuse_rewriting_history() OWNER TO solarhub_owner;

CREATE FUNCTION public.rollup_marks(marks integer) RETURNS text[]
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT array_remove(ARRAY[
        CASE WHEN marks & 1 <> 0 THEN 'gap' END,
        CASE WHEN marks & 2 <> 0 THEN 'catch_up' END,
        CASE WHEN marks & 4 <> 0 THEN 'reset' END,
        CASE WHEN marks & 8 <> 0 THEN 'roll_over' END,
        CASE WHEN marks & 16 <> 0 THEN 'replaced' END,
        CASE WHEN marks & 32 <> 0 THEN 'corrected' END
    ], NULL)
$$;

ALTER FUNCTION public.rollup_marks(marks integer) OWNER TO solarhub_owner;

CREATE FUNCTION public.rollup_shard(site_id uuid) RETURNS smallint
    LANGUAGE sql IMMUTABLE
    AS $$ SELECT (hashtext(site_id::text) & 15)::smallint $$;

ALTER FUNCTION public.rollup_shard(site_id uuid) OWNER TO solarhub_owner;

CREATE FUNCTION public.rollups_follow_clocks() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
BEGIN
    INSERT INTO public.rollup_clocks_todo (site_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

ALTER FUNCTION public.rollups_follow_clocks() OWNER TO solarhub_owner;

CREATE FUNCTION public.rollups_follow_device() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
BEGIN
    UPDATE public.energy_corrections SET organization_id = NEW.organization_id WHERE device_id = NEW.id;
    RETURN NULL;
END
$$;

ALTER FUNCTION public.rollups_follow_device() OWNER TO solarhub_owner;

CREATE FUNCTION public.rollups_follow_site() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
BEGIN
    UPDATE public.site_energy_days SET organization_id = NEW.organization_id WHERE site_id = NEW.id;
    RETURN NULL;
END
$$;

ALTER FUNCTION public.rollups_follow_site() OWNER TO solarhub_owner;

CREATE FUNCTION public.rule_asks_anew() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
BEGIN
    NEW.asks_since := pg_catalog.now();
    RETURN NEW;
END
$$;

ALTER FUNCTION public.rule_asks_anew() OWNER TO solarhub_owner;

CREATE FUNCTION public.set_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

ALTER FUNCTION public.set_updated_at() OWNER TO solarhub_owner;

CREATE FUNCTION public.telemetry_follows_device() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

ALTER FUNCTION public.telemetry_follows_device() OWNER TO solarhub_owner;

CREATE FUNCTION public.watch_telemetry_partition(day date) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

ALTER FUNCTION public.watch_telemetry_partition(day date) OWNER TO solarhub_owner;

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);

ALTER TABLE public.alembic_version OWNER TO solarhub_owner;

CREATE TABLE public.alert_announcements (
    alert_id uuid NOT NULL,
    event text NOT NULL,
    organization_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    addressed_at timestamp with time zone,
    CONSTRAINT ck_alert_announcements_event CHECK ((event = ANY (ARRAY['opened'::text, 'closed'::text])))
);

ALTER TABLE ONLY public.alert_announcements FORCE ROW LEVEL SECURITY;

ALTER TABLE public.alert_announcements OWNER TO solarhub_owner;

CREATE TABLE public.alert_episodes (
    alert_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    rule_id uuid NOT NULL,
    target text NOT NULL,
    streak_started_at timestamp with time zone NOT NULL,
    triggered_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT ck_alert_episodes_target CHECK ((target ~ '^(device|site):[0-9a-f-]{36}$'::text))
);

ALTER TABLE ONLY public.alert_episodes FORCE ROW LEVEL SECURITY;

ALTER TABLE public.alert_episodes OWNER TO solarhub_owner;

CREATE TABLE public.alert_notes (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    alert_id uuid NOT NULL,
    author_id uuid NOT NULL,
    act text NOT NULL,
    note text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_alert_notes_act CHECK ((act = ANY (ARRAY['acknowledge'::text, 'resolve'::text, 'comment'::text]))),
    CONSTRAINT ck_alert_notes_note CHECK (((length(note) >= 1) AND (length(note) <= 2000)))
);

ALTER TABLE ONLY public.alert_notes FORCE ROW LEVEL SECURITY;

ALTER TABLE public.alert_notes OWNER TO solarhub_owner;

CREATE TABLE public.alert_rule_states (
    rule_id uuid NOT NULL,
    target text NOT NULL,
    organization_id uuid NOT NULL,
    device_id uuid,
    rule_version integer NOT NULL,
    streak_started_at timestamp with time zone,
    awaiting_clear boolean DEFAULT false NOT NULL,
    open_alert_id uuid,
    last_triggered_at timestamp with time zone,
    changed_at timestamp with time zone NOT NULL
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.02');

ALTER TABLE ONLY public.alert_rule_states FORCE ROW LEVEL SECURITY;

ALTER TABLE public.alert_rule_states OWNER TO solarhub_owner;

CREATE TABLE public.alert_rules (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    site_id uuid,
    name text NOT NULL,
    description text,
    condition jsonb NOT NULL,
    severity public.alert_severity NOT NULL,
    channels text[] DEFAULT '{}'::text[] NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    cooldown_minutes integer DEFAULT 0 NOT NULL,
    auto_resolve boolean DEFAULT true NOT NULL,
    removed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    asks_since timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_alert_rules_channels CHECK ((channels <@ ARRAY['email'::text, 'sms'::text, 'push'::text, 'webhook'::text, 'whatsapp'::text])),
    CONSTRAINT ck_alert_rules_condition CHECK (((jsonb_typeof(condition) = 'object'::text) AND (condition ?& ARRAY['metric'::text, 'operator'::text, 'threshold'::text, 'duration_seconds'::text]) AND (jsonb_typeof((condition -> 'metric'::text)) = 'string'::text) AND ((condition ->> 'operator'::text) = ANY (ARRAY['lt'::text, 'lte'::text, 'gt'::text, 'gte'::text, 'eq'::text, 'neq'::text])) AND (jsonb_typeof((condition -> 'threshold'::text)) = 'number'::text) AND (NOT (condition @? 'strict $."duration_seconds"?(@.type() != "number" || @ < 0)'::jsonpath)) AND ((NOT (condition ? 'device_type'::text)) OR ((condition -> 'device_type'::text) = 'null'::jsonb) OR ((condition ->> 'device_type'::text) = ANY (ARRAY['inverter'::text, 'meter'::text, 'battery'::text, 'weather_station'::text, 'sensor'::text, 'gateway'::text]))) AND ((NOT (condition ? 'when'::text)) OR ((condition ->> 'when'::text) = ANY (ARRAY['always'::text, 'daylight'::text]))))),
    CONSTRAINT ck_alert_rules_cooldown_minutes CHECK (((cooldown_minutes >= 0) AND (cooldown_minutes <= 10080))),
    CONSTRAINT ck_alert_rules_name CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

ALTER TABLE ONLY public.alert_rules FORCE ROW LEVEL SECURITY;

ALTER TABLE public.alert_rules OWNER TO solarhub_owner;

CREATE TABLE public.alerts (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    rule_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    site_id uuid NOT NULL,
    device_id uuid,
    severity public.alert_severity NOT NULL,
    status public.alert_status DEFAULT 'active'::public.alert_status NOT NULL,
    title text NOT NULL,
    message text NOT NULL,
    metric_name text,
    metric_value double precision,
    threshold_value double precision,
    triggered_at timestamp with time zone NOT NULL,
    acknowledged_by uuid,
    acknowledged_at timestamp with time zone,
    resolved_by uuid,
    resolved_at timestamp with time zone,
    notifications_sent text[] DEFAULT '{}'::text[] NOT NULL,
    escalated boolean DEFAULT false NOT NULL,
    escalated_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT ck_alerts_acknowledged CHECK (((status <> 'acknowledged'::public.alert_status) OR (acknowledged_at IS NOT NULL))),
    CONSTRAINT ck_alerts_escalated CHECK ((escalated = (escalated_at IS NOT NULL))),
    CONSTRAINT ck_alerts_finite CHECK (((metric_value <> ALL (ARRAY['NaN'::double precision, 'Infinity'::double precision, '-Infinity'::double precision])) AND (threshold_value <> ALL (ARRAY['NaN'::double precision, 'Infinity'::double precision, '-Infinity'::double precision])))),
    CONSTRAINT ck_alerts_resolved CHECK (((status = 'resolved'::public.alert_status) = (resolved_at IS NOT NULL)))
);

ALTER TABLE ONLY public.alerts FORCE ROW LEVEL SECURITY;

ALTER TABLE public.alerts OWNER TO solarhub_owner;

CREATE TABLE public.api_keys (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    created_by uuid NOT NULL,
    name text NOT NULL,
    token_sha256 bytea NOT NULL,
    permissions text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT ck_api_keys_name CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT ck_api_keys_sha256 CHECK ((octet_length(token_sha256) = 32))
);

ALTER TABLE ONLY public.api_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE public.api_keys OWNER TO solarhub_owner;

CREATE TABLE public.audit_entries (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid,
    at timestamp with time zone DEFAULT now() NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    api_key_id uuid,
    action text NOT NULL,
    target_type text NOT NULL,
    target_id uuid,
    before jsonb,
    after jsonb,
    address text,
    request_id text,
    CONSTRAINT ck_audit_entries_actor_kind CHECK ((actor_kind = ANY (ARRAY['person'::text, 'api_key'::text, 'operator'::text, 'hub'::text, 'nobody'::text])))
);

ALTER TABLE ONLY public.audit_entries FORCE ROW LEVEL SECURITY;

ALTER TABLE public.audit_entries OWNER TO solarhub_owner;

CREATE TABLE public.backup_runs (
    id bigint NOT NULL,
    finished_at timestamp with time zone DEFAULT now() NOT NULL,
    file text NOT NULL,
    bytes bigint NOT NULL
);

ALTER TABLE public.backup_runs OWNER TO solarhub_owner;

ALTER TABLE public.backup_runs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.backup_runs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.custom_metrics (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    name text NOT NULL,
    unit text NOT NULL,
    kind text NOT NULL,
    minimum double precision NOT NULL,
    maximum double precision NOT NULL,
    night text NOT NULL,
    meaning text NOT NULL,
    removed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT ck_custom_metrics_kind CHECK ((kind = ANY (ARRAY['gauge'::text, 'cumulative'::text, 'daily'::text, 'state'::text, 'bitfield'::text]))),
    CONSTRAINT ck_custom_metrics_meaning CHECK (((length(meaning) >= 1) AND (length(meaning) <= 500))),
    CONSTRAINT ck_custom_metrics_name CHECK (((name ~ '^x_[a-z][a-z0-9]*(_[a-z0-9]+)*$'::text) AND (length(name) <= 64))),
    CONSTRAINT ck_custom_metrics_night CHECK ((night = ANY (ARRAY['hold'::text, 'zero'::text, 'nothing'::text]))),
    CONSTRAINT ck_custom_metrics_range CHECK (((minimum >= ('-1000000000000000'::numeric)::double precision) AND (minimum < maximum) AND (maximum <= ('1000000000000000'::numeric)::double precision))),
    CONSTRAINT ck_custom_metrics_unit CHECK (((length(unit) >= 1) AND (length(unit) <= 16)))
);

ALTER TABLE ONLY public.custom_metrics FORCE ROW LEVEL SECURITY;

ALTER TABLE public.custom_metrics OWNER TO solarhub_owner;

CREATE TABLE public.device_claim_requests (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    claim_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    device_id uuid NOT NULL,
    claimant_name text NOT NULL,
    message text,
    answer text,
    answered_by uuid,
    answered_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_device_claim_requests_answer CHECK ((answer = ANY (ARRAY['granted'::text, 'refused'::text, 'proven'::text, 'lapsed'::text]))),
    CONSTRAINT ck_device_claim_requests_answered CHECK (((answer IS NULL) = (answered_at IS NULL)))
);

ALTER TABLE ONLY public.device_claim_requests FORCE ROW LEVEL SECURITY;

ALTER TABLE public.device_claim_requests OWNER TO solarhub_owner;

CREATE TABLE public.device_claims (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    device_id uuid NOT NULL,
    serial_number text NOT NULL,
    message text,
    claimed_by uuid NOT NULL,
    proof_sha256 bytea,
    state text DEFAULT 'pending'::text NOT NULL,
    looked_at timestamp with time zone,
    settled_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_device_claims_settled CHECK (((state = 'pending'::text) = (settled_at IS NULL))),
    CONSTRAINT ck_device_claims_state CHECK ((state = ANY (ARRAY['pending'::text, 'granted'::text, 'refused'::text, 'withdrawn'::text])))
);

ALTER TABLE ONLY public.device_claims FORCE ROW LEVEL SECURITY;

ALTER TABLE public.device_claims OWNER TO solarhub_owner;

CREATE TABLE public.device_state (
    device_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    device_key integer NOT NULL,
    last_sample_at timestamp with time zone,
    last_received_at timestamp with time zone,
    judged_until timestamp with time zone,
    latest jsonb DEFAULT '{}'::jsonb NOT NULL
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.02');

ALTER TABLE ONLY public.device_state FORCE ROW LEVEL SECURITY;

ALTER TABLE public.device_state OWNER TO solarhub_owner;

CREATE TABLE public.device_tokens (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    device_id uuid NOT NULL,
    token_sha256 bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone,
    expires_at timestamp with time zone,
    broker_hash text,
    CONSTRAINT ck_device_tokens_sha256 CHECK ((octet_length(token_sha256) = 32))
);

ALTER TABLE ONLY public.device_tokens FORCE ROW LEVEL SECURITY;

ALTER TABLE public.device_tokens OWNER TO solarhub_owner;

CREATE TABLE public.devices (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    device_key integer NOT NULL,
    site_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    name text NOT NULL,
    description text,
    device_type public.device_type NOT NULL,
    manufacturer text,
    model text,
    serial_number text,
    firmware_version text,
    protocol public.protocol_type NOT NULL,
    connection_config jsonb DEFAULT '{}'::jsonb NOT NULL,
    status public.device_status DEFAULT 'unknown'::public.device_status NOT NULL,
    last_seen_at timestamp with time zone,
    last_error text,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    removed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    maintenance_until timestamp with time zone,
    replaces uuid,
    gateway_id uuid,
    CONSTRAINT ck_devices_connection_config CHECK (((jsonb_typeof(connection_config) = 'object'::text) AND (NOT (connection_config @? 'strict $."port"?((@.type() != "number" || @ < 1) || @ > 65535)'::jsonpath)) AND (NOT (connection_config @? 'strict $."slave_id"?((@.type() != "number" || @ < 0) || @ > 255)'::jsonpath)) AND (NOT (connection_config @? 'strict $."timeout_seconds"?(@.type() != "number" || @ <= 0)'::jsonpath)))),
    CONSTRAINT ck_devices_gateway CHECK ((gateway_id <> id)),
    CONSTRAINT ck_devices_maintenance_until CHECK (((maintenance_until IS NULL) OR (status = 'maintenance'::public.device_status))),
    CONSTRAINT ck_devices_metadata CHECK (((jsonb_typeof(metadata) = 'object'::text) AND (NOT (metadata @? 'strict $."reporting_interval_seconds"?((@.type() != "number" || @ <= 0) || @ > 86400)'::jsonpath)))),
    CONSTRAINT ck_devices_name CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT ck_devices_replaces CHECK ((replaces <> id)),
    CONSTRAINT ck_devices_serial_number CHECK (((length(serial_number) >= 1) AND (length(serial_number) <= 100)))
);

ALTER TABLE ONLY public.devices FORCE ROW LEVEL SECURITY;

ALTER TABLE public.devices OWNER TO solarhub_owner;

ALTER TABLE public.devices ALTER COLUMN device_key ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.devices_device_key_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.discos (
    code text NOT NULL,
    name text NOT NULL,
    region text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_discos_code CHECK ((code ~ '^[a-z0-9_]{2,32}$'::text))
);

ALTER TABLE public.discos OWNER TO solarhub_owner;

CREATE TABLE public.energy_corrections (
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
    corrected_at timestamp with time zone DEFAULT now() NOT NULL,
    undone_by uuid,
    undone_at timestamp with time zone,
    CONSTRAINT ck_energy_corrections_days CHECK (((last_day >= first_day) AND (last_day <= (first_day + 366)))),
    CONSTRAINT ck_energy_corrections_kwh CHECK (((kwh >= (0)::double precision) AND (kwh < 'Infinity'::double precision))),
    CONSTRAINT ck_energy_corrections_reason CHECK (((length(reason) >= 1) AND (length(reason) <= 1000)))
);

ALTER TABLE ONLY public.energy_corrections FORCE ROW LEVEL SECURITY;

ALTER TABLE public.energy_corrections OWNER TO solarhub_owner;

CREATE TABLE public.evaluation_calls (
    id bigint NOT NULL,
    shard integer NOT NULL,
    device_keys integer[] NOT NULL
);

ALTER TABLE public.evaluation_calls OWNER TO solarhub_owner;

ALTER TABLE public.evaluation_calls ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.evaluation_calls_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.evaluation_edits (
    id bigint NOT NULL,
    kind text NOT NULL,
    object_id uuid NOT NULL,
    edited_by bigint DEFAULT ((pg_current_xact_id())::text)::bigint NOT NULL,
    edited_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.evaluation_edits OWNER TO solarhub_owner;

ALTER TABLE public.evaluation_edits ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.evaluation_edits_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.evaluation_leases (
    shard integer NOT NULL,
    owner text NOT NULL,
    leased_until timestamp with time zone NOT NULL
);

ALTER TABLE public.evaluation_leases OWNER TO solarhub_owner;

CREATE TABLE public.evaluation_positions (
    shard integer NOT NULL,
    device_keys integer[] NOT NULL,
    judged_until bigint[] NOT NULL,
    CONSTRAINT ck_evaluation_positions_length CHECK ((cardinality(device_keys) = cardinality(judged_until)))
);

ALTER TABLE public.evaluation_positions OWNER TO solarhub_owner;

CREATE TABLE public.evaluators (
    owner text NOT NULL,
    seen_until timestamp with time zone NOT NULL
);

ALTER TABLE public.evaluators OWNER TO solarhub_owner;

CREATE TABLE public.found_announcements (
    organization_id uuid NOT NULL,
    broker_key text NOT NULL,
    topic text NOT NULL,
    payload bytea NOT NULL,
    received_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.found_announcements FORCE ROW LEVEL SECURITY;

ALTER TABLE public.found_announcements OWNER TO solarhub_owner;

CREATE TABLE public.found_senders (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    broker_key text NOT NULL,
    sender text NOT NULL,
    dialect text NOT NULL,
    mapping_version integer NOT NULL,
    first_seen_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    messages bigint NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL,
    examples jsonb DEFAULT '{}'::jsonb NOT NULL,
    available boolean,
    gateway_id uuid,
    device_id uuid,
    adopted_at timestamp with time zone,
    time_zone text,
    ignored_at timestamp with time zone,
    replay_from timestamp with time zone,
    replay_asked_at timestamp with time zone,
    replayed_at timestamp with time zone,
    replay_told jsonb,
    CONSTRAINT ck_found_senders_adopted CHECK (((device_id IS NULL) = (adopted_at IS NULL))),
    CONSTRAINT ck_found_senders_ignored CHECK (((ignored_at IS NULL) OR (device_id IS NULL))),
    CONSTRAINT ck_found_senders_replay CHECK (((replay_asked_at IS NULL) OR ((replay_from IS NOT NULL) AND (device_id IS NOT NULL)))),
    CONSTRAINT ck_found_senders_sender CHECK (((length(sender) >= 1) AND (length(sender) <= 512)))
);

ALTER TABLE ONLY public.found_senders FORCE ROW LEVEL SECURITY;

ALTER TABLE public.found_senders OWNER TO solarhub_owner;

CREATE TABLE public.history_import_parts (
    organization_id uuid NOT NULL,
    import_id uuid NOT NULL,
    part integer NOT NULL,
    device_id uuid NOT NULL,
    device_key integer NOT NULL,
    device text NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    stored integer NOT NULL,
    duplicates integer NOT NULL,
    conflicts integer NOT NULL,
    taken_out integer,
    instants bytea,
    CONSTRAINT ck_history_import_parts_counts CHECK (((stored >= 0) AND (duplicates >= 0) AND ((conflicts >= 0) AND (conflicts <= duplicates)) AND (taken_out >= 0)))
);
ALTER TABLE ONLY public.history_import_parts ALTER COLUMN instants SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.history_import_parts FORCE ROW LEVEL SECURITY;

ALTER TABLE public.history_import_parts OWNER TO solarhub_owner;

CREATE TABLE public.history_imports (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    file_name text NOT NULL,
    file_sha256 bytea NOT NULL,
    file_bytes bigint NOT NULL,
    map text NOT NULL,
    map_version integer NOT NULL,
    time_zone text,
    imported_by uuid,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    rows bigint DEFAULT 0 NOT NULL,
    refused bigint DEFAULT 0 NOT NULL,
    refused_values bigint DEFAULT 0 NOT NULL,
    undone_by uuid,
    undone_at timestamp with time zone,
    CONSTRAINT ck_history_imports_file_name CHECK (((length(file_name) >= 1) AND (length(file_name) <= 255))),
    CONSTRAINT ck_history_imports_file_sha256 CHECK ((length(file_sha256) = 32))
);

ALTER TABLE ONLY public.history_imports FORCE ROW LEVEL SECURITY;

ALTER TABLE public.history_imports OWNER TO solarhub_owner;

CREATE TABLE public.idempotent_answers (
    actor_id uuid NOT NULL,
    key text NOT NULL,
    request_sha256 bytea NOT NULL,
    status integer,
    headers jsonb,
    body bytea,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_idempotent_answers_key CHECK (((length(key) >= 1) AND (length(key) <= 255)))
);

ALTER TABLE ONLY public.idempotent_answers FORCE ROW LEVEL SECURITY;

ALTER TABLE public.idempotent_answers OWNER TO solarhub_owner;

CREATE TABLE public.mqtt_arrivals (
    client_id text NOT NULL,
    at timestamp with time zone NOT NULL,
    marks bytea NOT NULL
);

ALTER TABLE public.mqtt_arrivals OWNER TO solarhub_owner;

CREATE TABLE public.mqtt_identity (
    is_only boolean DEFAULT true NOT NULL,
    name text NOT NULL,
    CONSTRAINT ck_mqtt_identity_is_only CHECK (is_only)
);

ALTER TABLE public.mqtt_identity OWNER TO solarhub_owner;

CREATE TABLE public.notifications (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid,
    user_id uuid,
    channel text NOT NULL,
    recipient text NOT NULL,
    event text NOT NULL,
    subject_id uuid,
    content jsonb NOT NULL,
    secret_sealed text,
    state text DEFAULT 'pending'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    not_before timestamp with time zone DEFAULT now() NOT NULL,
    lease_until timestamp with time zone,
    lease_token uuid,
    provider_id text,
    last_error text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    settled_at timestamp with time zone,
    recorded_at timestamp with time zone,
    CONSTRAINT ck_notifications_channel CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text, 'push'::text, 'webhook'::text, 'whatsapp'::text]))),
    CONSTRAINT ck_notifications_content CHECK ((jsonb_typeof(content) = 'object'::text)),
    CONSTRAINT ck_notifications_lease CHECK (((state = 'sending'::text) = (lease_token IS NOT NULL))),
    CONSTRAINT ck_notifications_settled CHECK (((state = ANY (ARRAY['sent'::text, 'failed'::text, 'cancelled'::text])) = (settled_at IS NOT NULL))),
    CONSTRAINT ck_notifications_state CHECK ((state = ANY (ARRAY['pending'::text, 'sending'::text, 'sent'::text, 'failed'::text, 'cancelled'::text])))
);

ALTER TABLE ONLY public.notifications FORCE ROW LEVEL SECURITY;

ALTER TABLE public.notifications OWNER TO solarhub_owner;

CREATE TABLE public.organization_logos (
    organization_id uuid NOT NULL,
    png bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_organization_logos_png CHECK ((octet_length(png) <= 262144))
);

ALTER TABLE ONLY public.organization_logos FORCE ROW LEVEL SECURITY;

ALTER TABLE public.organization_logos OWNER TO solarhub_owner;

CREATE TABLE public.organization_members (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role public.org_member_role NOT NULL,
    invited_by uuid,
    invitation_token text,
    invitation_expires timestamp with time zone,
    invitation_accepted boolean DEFAULT false NOT NULL,
    joined_at timestamp with time zone,
    removed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    invited_name text,
    invited_email text,
    invited_phone text
);

ALTER TABLE ONLY public.organization_members FORCE ROW LEVEL SECURITY;

ALTER TABLE public.organization_members OWNER TO solarhub_owner;

CREATE TABLE public.organizations (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_key integer NOT NULL,
    owner_id uuid NOT NULL,
    name text NOT NULL,
    slug text NOT NULL,
    description text,
    logo_url text,
    website text,
    status text DEFAULT 'active'::text NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    removed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT ck_organizations_name CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT ck_organizations_settings CHECK ((jsonb_typeof(settings) = 'object'::text)),
    CONSTRAINT ck_organizations_slug CHECK (((slug ~ '^[a-z0-9](-?[a-z0-9])*$'::text) AND (length(slug) <= 63))),
    CONSTRAINT ck_organizations_status CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text, 'closed'::text])))
);

ALTER TABLE ONLY public.organizations FORCE ROW LEVEL SECURITY;

ALTER TABLE public.organizations OWNER TO solarhub_owner;

ALTER TABLE public.organizations ALTER COLUMN organization_key ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.organizations_organization_key_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.raw_messages (
    id bigint NOT NULL,
    organization_id uuid NOT NULL,
    sender_id uuid NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    messages integer NOT NULL,
    dialect text NOT NULL,
    mapping_version integer NOT NULL,
    instants bigint[],
    body bytea NOT NULL,
    CONSTRAINT ck_raw_messages_messages CHECK ((messages > 0))
);
ALTER TABLE ONLY public.raw_messages ALTER COLUMN body SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.raw_messages FORCE ROW LEVEL SECURITY;

ALTER TABLE public.raw_messages OWNER TO solarhub_owner;

ALTER TABLE public.raw_messages ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.raw_messages_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reader_roles (
    role_name text NOT NULL,
    organization_id uuid NOT NULL,
    organization_key integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_reader_roles_role_name CHECK ((role_name ~ '^solarhub_reader_[a-z0-9_]{1,48}$'::text))
);

ALTER TABLE ONLY public.reader_roles FORCE ROW LEVEL SECURITY;

ALTER TABLE public.reader_roles OWNER TO solarhub_owner;

CREATE TABLE public.rollup_clocks_todo (
    site_id uuid NOT NULL
);

ALTER TABLE public.rollup_clocks_todo OWNER TO solarhub_owner;

CREATE TABLE public.rollup_days (
    device_key integer NOT NULL,
    day date NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone,
    organization_key integer NOT NULL,
    site_id uuid NOT NULL,
    layout_id integer NOT NULL,
    samples integer NOT NULL,
    interval_seconds integer NOT NULL,
    mean double precision[] NOT NULL,
    "least" double precision[] NOT NULL,
    "greatest" double precision[] NOT NULL,
    last double precision[] NOT NULL,
    kwh double precision[],
    reported integer[],
    marks integer[],
    energy_kwh double precision,
    measured_kwh double precision,
    energy_method text,
    energy_marks integer DEFAULT 0 NOT NULL,
    correction_id uuid,
    CONSTRAINT ck_rollup_days_energy_method CHECK ((energy_method = ANY (ARRAY['counter'::text, 'power'::text])))
)
WITH (fillfactor='80');

ALTER TABLE ONLY public.rollup_days FORCE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_days OWNER TO solarhub_owner;

CREATE TABLE public.rollup_days_todo (
    shard smallint NOT NULL,
    device_key integer NOT NULL,
    day date NOT NULL,
    from_quarters boolean DEFAULT false NOT NULL
);

ALTER TABLE public.rollup_days_todo OWNER TO solarhub_owner;

CREATE TABLE public.rollup_gaps (
    device_key integer NOT NULL,
    series text NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone NOT NULL,
    organization_key integer NOT NULL,
    kwh double precision NOT NULL,
    marks integer NOT NULL,
    CONSTRAINT ck_rollup_gaps_ended_at CHECK ((ended_at > started_at))
);

ALTER TABLE ONLY public.rollup_gaps FORCE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_gaps OWNER TO solarhub_owner;

CREATE TABLE public.rollup_hours (
    device_key integer NOT NULL,
    start timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone,
    organization_key integer NOT NULL,
    layout_id integer NOT NULL,
    samples integer NOT NULL,
    interval_seconds integer NOT NULL,
    mean double precision[] NOT NULL,
    "least" double precision[] NOT NULL,
    "greatest" double precision[] NOT NULL,
    last double precision[] NOT NULL,
    kwh double precision[],
    reported integer[],
    marks integer[]
)
WITH (fillfactor='85');

ALTER TABLE ONLY public.rollup_hours FORCE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_hours OWNER TO solarhub_owner;

CREATE TABLE public.rollup_months (
    device_key integer NOT NULL,
    month date NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone,
    organization_key integer NOT NULL,
    layout_id integer NOT NULL,
    samples integer NOT NULL,
    interval_seconds integer NOT NULL,
    mean double precision[] NOT NULL,
    "least" double precision[] NOT NULL,
    "greatest" double precision[] NOT NULL,
    last double precision[] NOT NULL,
    kwh double precision[],
    reported integer[],
    marks integer[]
);

ALTER TABLE ONLY public.rollup_months FORCE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_months OWNER TO solarhub_owner;

CREATE TABLE public.rollup_months_todo (
    device_key integer NOT NULL,
    month date NOT NULL,
    due_at timestamp with time zone NOT NULL
);

ALTER TABLE public.rollup_months_todo OWNER TO solarhub_owner;

CREATE TABLE public.rollup_quarters (
    device_key integer NOT NULL,
    start timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    organization_key integer NOT NULL,
    layout_id integer NOT NULL,
    samples integer NOT NULL,
    interval_seconds integer NOT NULL,
    mean double precision[] NOT NULL,
    "least" double precision[] NOT NULL,
    "greatest" double precision[] NOT NULL,
    last double precision[] NOT NULL,
    kwh double precision[],
    reported integer[],
    marks integer[],
    moved double precision[]
);

ALTER TABLE ONLY public.rollup_quarters FORCE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_quarters OWNER TO solarhub_owner;

CREATE TABLE public.rollup_todo (
    shard smallint NOT NULL,
    device_key integer NOT NULL,
    hour timestamp with time zone NOT NULL
);

ALTER TABLE public.rollup_todo OWNER TO solarhub_owner;

CREATE TABLE public.site_energy_days (
    site_id uuid NOT NULL,
    day date NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    organization_id uuid NOT NULL,
    energy_kwh double precision,
    measured_kwh double precision,
    energy_method text,
    energy_marks integer NOT NULL,
    covered_seconds double precision NOT NULL,
    devices integer NOT NULL,
    CONSTRAINT ck_site_energy_days_energy_method CHECK ((energy_method = ANY (ARRAY['counter'::text, 'power'::text, 'mixed'::text])))
)
WITH (fillfactor='85');

ALTER TABLE ONLY public.site_energy_days FORCE ROW LEVEL SECURITY;

ALTER TABLE public.site_energy_days OWNER TO solarhub_owner;

CREATE TABLE public.site_grants (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    site_id uuid NOT NULL,
    user_id uuid,
    grantee_organization_id uuid,
    role public.org_member_role NOT NULL,
    expires_at timestamp with time zone,
    granted_by uuid NOT NULL,
    invited_name text,
    invited_email text,
    invited_phone text,
    invited_organization text,
    invitation_token text,
    invitation_expires timestamp with time zone,
    accepted_at timestamp with time zone,
    removed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT ck_site_grants_grantee CHECK (((num_nonnulls(user_id, grantee_organization_id) = 1) OR ((num_nonnulls(user_id, grantee_organization_id) = 0) AND (accepted_at IS NULL)))),
    CONSTRAINT ck_site_grants_invited_email CHECK ((invited_email = lower(invited_email))),
    CONSTRAINT ck_site_grants_role CHECK ((role = ANY (ARRAY['manager'::public.org_member_role, 'viewer'::public.org_member_role, 'installer'::public.org_member_role])))
);

ALTER TABLE ONLY public.site_grants FORCE ROW LEVEL SECURITY;

ALTER TABLE public.site_grants OWNER TO solarhub_owner;

CREATE TABLE public.site_handovers (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    site_id uuid NOT NULL,
    site_name text NOT NULL,
    to_organization_id uuid,
    offered_by uuid NOT NULL,
    invited_name text,
    invited_email text,
    invited_phone text,
    invited_organization text,
    invitation_token text,
    invitation_expires timestamp with time zone,
    keep_role public.org_member_role,
    keep_until timestamp with time zone,
    accepted_by uuid,
    accepted_at timestamp with time zone,
    withdrawn_at timestamp with time zone,
    device_keys integer[] DEFAULT '{}'::integer[] NOT NULL,
    telemetry_moved_to date,
    telemetry_moved_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_site_handovers_accepted CHECK (((accepted_at IS NULL) OR (to_organization_id IS NOT NULL))),
    CONSTRAINT ck_site_handovers_keep_role CHECK ((keep_role = ANY (ARRAY['manager'::public.org_member_role, 'viewer'::public.org_member_role, 'installer'::public.org_member_role])))
);

ALTER TABLE ONLY public.site_handovers FORCE ROW LEVEL SECURITY;

ALTER TABLE public.site_handovers OWNER TO solarhub_owner;

CREATE TABLE public.sites (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    name text NOT NULL,
    description text,
    status public.site_status DEFAULT 'active'::public.site_status NOT NULL,
    address jsonb DEFAULT '{}'::jsonb NOT NULL,
    latitude double precision NOT NULL,
    longitude double precision NOT NULL,
    timezone text DEFAULT 'Asia/Karachi'::text NOT NULL,
    configuration jsonb DEFAULT '{}'::jsonb NOT NULL,
    disco_code text GENERATED ALWAYS AS ((configuration ->> 'disco_provider'::text)) STORED,
    removed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    maintenance_until timestamp with time zone,
    CONSTRAINT ck_sites_address CHECK ((jsonb_typeof(address) = 'object'::text)),
    CONSTRAINT ck_sites_configuration CHECK (((jsonb_typeof(configuration) = 'object'::text) AND (NOT (configuration @? 'strict $."system_capacity_kw"?(@.type() != "number" || @ <= 0)'::jsonpath)) AND (NOT (configuration @? 'strict $."inverter_capacity_kw"?(@.type() != "number" || @ <= 0)'::jsonpath)) AND (NOT (configuration @? 'strict $."battery_capacity_kwh"?(@.type() != "number" || @ < 0)'::jsonpath)) AND (NOT (configuration @? 'strict $."panel_count"?(@.type() != "number" || @ < 0)'::jsonpath)) AND (NOT (configuration @? 'strict $."panel_wattage"?(@.type() != "number" || @ <= 0)'::jsonpath)) AND (NOT (configuration @? 'strict $."sanctioned_load_kw"?(@.type() != "number" || @ <= 0)'::jsonpath)) AND (NOT (configuration @? 'strict $."approved_export_kw"?(@.type() != "number" || @ < 0)'::jsonpath)) AND (NOT (configuration @? 'strict $."generator_kva"?(@.type() != "number" || @ < 0)'::jsonpath)) AND (NOT (configuration @? 'strict $."tilt_deg"?((@.type() != "number" || @ < 0) || @ > 90)'::jsonpath)) AND (NOT (configuration @? 'strict $."azimuth_deg"?((@.type() != "number" || @ < 0) || @ > 360)'::jsonpath)) AND (NOT (configuration @? 'strict $."grid_connected"?(@.type() != "boolean")'::jsonpath)) AND (NOT (configuration @? 'strict $."net_metering_enabled"?(@.type() != "boolean")'::jsonpath)) AND (NOT (configuration @? 'strict $."plant_kind"?((@ != "on_grid" && @ != "hybrid") && @ != "off_grid")'::jsonpath)) AND (NOT (configuration @? 'strict $."export_mode"?(((@ != "full" && @ != "limited") && @ != "zero") && @ != "none")'::jsonpath)) AND (NOT (configuration @? 'strict $."phases"?(@ != 1 && @ != 3)'::jsonpath)))),
    CONSTRAINT ck_sites_latitude CHECK (((latitude >= ('-90'::integer)::double precision) AND (latitude <= (90)::double precision))),
    CONSTRAINT ck_sites_longitude CHECK (((longitude >= ('-180'::integer)::double precision) AND (longitude <= (180)::double precision))),
    CONSTRAINT ck_sites_maintenance_until CHECK (((maintenance_until IS NULL) OR (status = 'maintenance'::public.site_status))),
    CONSTRAINT ck_sites_name CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT ck_sites_timezone CHECK ((('2024-01-01 00:00:00+00'::timestamp with time zone AT TIME ZONE timezone) IS NOT NULL))
);

ALTER TABLE ONLY public.sites FORCE ROW LEVEL SECURITY;

ALTER TABLE public.sites OWNER TO solarhub_owner;

CREATE TABLE public.telemetry_blocks (
    organization_key integer NOT NULL,
    device_key integer NOT NULL,
    day date NOT NULL,
    part smallint NOT NULL,
    layout_id integer NOT NULL,
    rows integer NOT NULL,
    imported integer NOT NULL,
    readings integer NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    block bytea NOT NULL,
    CONSTRAINT ck_telemetry_blocks_day CHECK (((first_at >= ((day)::timestamp without time zone AT TIME ZONE 'UTC'::text)) AND (first_at <= last_at) AND (last_at < (((day + 1))::timestamp without time zone AT TIME ZONE 'UTC'::text)))),
    CONSTRAINT ck_telemetry_blocks_rows CHECK (((rows > 0) AND ((imported >= 0) AND (imported <= rows)) AND (readings >= 0)))
);
ALTER TABLE ONLY public.telemetry_blocks ALTER COLUMN block SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.telemetry_blocks FORCE ROW LEVEL SECURITY;

ALTER TABLE public.telemetry_blocks OWNER TO solarhub_owner;

CREATE TABLE public.telemetry_cold_days (
    day date NOT NULL,
    compacted_at timestamp with time zone
);

ALTER TABLE public.telemetry_cold_days OWNER TO solarhub_owner;

CREATE TABLE public.telemetry_conflicts (
    organization_id uuid NOT NULL,
    device_id uuid NOT NULL,
    day date NOT NULL,
    conflicts bigint NOT NULL,
    last_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.telemetry_conflicts FORCE ROW LEVEL SECURITY;

ALTER TABLE public.telemetry_conflicts OWNER TO solarhub_owner;

CREATE TABLE public.telemetry_layouts (
    id integer NOT NULL,
    organization_key integer NOT NULL,
    series text[] NOT NULL,
    series_sha256 bytea NOT NULL,
    CONSTRAINT ck_telemetry_layouts_series_sha256 CHECK ((octet_length(series_sha256) = 32))
);

ALTER TABLE ONLY public.telemetry_layouts FORCE ROW LEVEL SECURITY;

ALTER TABLE public.telemetry_layouts OWNER TO solarhub_owner;

ALTER TABLE public.telemetry_layouts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.telemetry_layouts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.telemetry_mark_epoch (
    is_only boolean DEFAULT true NOT NULL,
    epoch bigint NOT NULL,
    CONSTRAINT ck_telemetry_mark_epoch_is_only CHECK (is_only)
);

ALTER TABLE public.telemetry_mark_epoch OWNER TO solarhub_owner;

CREATE TABLE public.telemetry_marks (
    hour timestamp with time zone NOT NULL,
    device_key integer NOT NULL,
    marked_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.telemetry_marks OWNER TO solarhub_owner;

CREATE TABLE public.telemetry_quarantine (
    id bigint NOT NULL,
    organization_id uuid NOT NULL,
    device_id uuid NOT NULL,
    received_at timestamp with time zone NOT NULL,
    at timestamp with time zone,
    metric text,
    reason text NOT NULL,
    raw text NOT NULL,
    replayed_at timestamp with time zone,
    CONSTRAINT ck_telemetry_quarantine_raw CHECK ((octet_length(raw) <= 4096))
);

ALTER TABLE ONLY public.telemetry_quarantine FORCE ROW LEVEL SECURITY;

ALTER TABLE public.telemetry_quarantine OWNER TO solarhub_owner;

ALTER TABLE public.telemetry_quarantine ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.telemetry_quarantine_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.telemetry_samples (
    organization_key integer NOT NULL,
    device_key integer NOT NULL,
    at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    layout_id integer NOT NULL,
    late boolean NOT NULL,
    readings double precision[] NOT NULL,
    imported boolean DEFAULT false NOT NULL
)
PARTITION BY RANGE (at);

ALTER TABLE ONLY public.telemetry_samples FORCE ROW LEVEL SECURITY;

ALTER TABLE public.telemetry_samples OWNER TO solarhub_owner;

CREATE TABLE public.telemetry_stirred (
    day date NOT NULL,
    device_key integer NOT NULL
);

ALTER TABLE public.telemetry_stirred OWNER TO solarhub_owner;

CREATE TABLE public.throttles (
    bucket text NOT NULL,
    empty_at timestamp with time zone NOT NULL
)
WITH (fillfactor='70');

ALTER TABLE public.throttles OWNER TO solarhub_owner;

CREATE TABLE public.user_links (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    purpose text NOT NULL,
    user_id uuid,
    email text,
    token_sha256 bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_user_links_email CHECK (((purpose = ANY (ARRAY['verify_email'::text, 'change_email'::text])) = (email IS NOT NULL))),
    CONSTRAINT ck_user_links_purpose CHECK ((purpose = ANY (ARRAY['set_up'::text, 'sign_in'::text, 'verify_email'::text, 'change_email'::text, 'reset_password'::text]))),
    CONSTRAINT ck_user_links_sha256 CHECK ((octet_length(token_sha256) = 32)),
    CONSTRAINT ck_user_links_user_id CHECK (((purpose = 'set_up'::text) = (user_id IS NULL)))
);

ALTER TABLE public.user_links OWNER TO solarhub_owner;

CREATE TABLE public.user_recovery_codes (
    user_id uuid NOT NULL,
    code_sha256 bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ck_user_recovery_codes_sha256 CHECK ((octet_length(code_sha256) = 32))
);

ALTER TABLE public.user_recovery_codes OWNER TO solarhub_owner;

CREATE TABLE public.user_second_factors (
    user_id uuid NOT NULL,
    secret_sealed text NOT NULL,
    confirmed_at timestamp with time zone,
    last_step bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.user_second_factors OWNER TO solarhub_owner;

CREATE TABLE public.user_sessions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    token_sha256 bytea NOT NULL,
    awaiting_second_factor boolean DEFAULT false NOT NULL,
    second_factor_at timestamp with time zone,
    address text,
    user_agent text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT ck_user_sessions_sha256 CHECK ((octet_length(token_sha256) = 32))
);

ALTER TABLE public.user_sessions OWNER TO solarhub_owner;

CREATE TABLE public.users (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    email text NOT NULL,
    phone text,
    password_hash text NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    role public.user_role DEFAULT 'viewer'::public.user_role NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    is_verified boolean DEFAULT false NOT NULL,
    preferences jsonb DEFAULT '{}'::jsonb NOT NULL,
    removed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT ck_users_email_lower_case CHECK (((email = lower(email)) AND (email ~~ '_%@_%'::text))),
    CONSTRAINT ck_users_preferences CHECK (((jsonb_typeof(preferences) = 'object'::text) AND (NOT (preferences @? 'strict $."language"?(@.type() != "string" || @ != "en" && @ != "ur")'::jsonpath)) AND (NOT (preferences @? 'strict $."currency"?(@.type() != "string" || !(@ like_regex "^[A-Z]{3}$"))'::jsonpath)) AND (NOT (preferences @? 'strict $."dashboard"."refresh_interval"?(@.type() != "number" || @ <= 0)'::jsonpath)) AND ((('2024-01-01 00:00:00+00'::timestamp with time zone AT TIME ZONE (preferences ->> 'timezone'::text)) IS NOT NULL) OR (NOT (preferences ? 'timezone'::text)))))
);

ALTER TABLE public.users OWNER TO solarhub_owner;

CREATE VIEW public.v_active_alerts_summary AS
 SELECT organization_id,
    count(*) FILTER (WHERE (status = 'active'::public.alert_status)) AS active_count,
    count(*) FILTER (WHERE (status = 'acknowledged'::public.alert_status)) AS acknowledged_count,
    count(*) FILTER (WHERE (severity = 'info'::public.alert_severity)) AS info_count,
    count(*) FILTER (WHERE (severity = 'warning'::public.alert_severity)) AS warning_count,
    count(*) FILTER (WHERE (severity = 'critical'::public.alert_severity)) AS critical_count,
    count(*) AS total_count,
    min(triggered_at) AS oldest_triggered_at,
    max(triggered_at) AS newest_triggered_at
   FROM public.alerts
  WHERE (status = ANY (ARRAY['active'::public.alert_status, 'acknowledged'::public.alert_status]))
  GROUP BY organization_id;

ALTER VIEW public.v_active_alerts_summary OWNER TO solarhub_owner;

CREATE VIEW public.v_device_status_summary AS
SELECT
    NULL::uuid AS organization_id,
    NULL::uuid AS site_id,
    NULL::text AS site_name,
    NULL::bigint AS online_count,
    NULL::bigint AS offline_count,
    NULL::bigint AS error_count,
    NULL::bigint AS maintenance_count,
    NULL::bigint AS unknown_count,
    NULL::bigint AS total_count;

ALTER VIEW public.v_device_status_summary OWNER TO solarhub_owner;

CREATE VIEW public.v_energy_correction WITH (security_barrier='true') AS
 SELECT c.organization_id,
    c.device_id,
    d.name AS device,
    c.first_day,
    c.last_day,
    c.kwh_before,
    c.kwh,
    c.reason,
    c.corrected_at,
    c.undone_at
   FROM (public.energy_corrections c
     JOIN public.devices d ON ((d.id = c.device_id)));

ALTER VIEW public.v_energy_correction OWNER TO solarhub_owner;

CREATE VIEW public.v_energy_day WITH (security_barrier='true') AS
 SELECT d.organization_id,
    s.id AS site_id,
    s.name AS site,
    d.id AS device_id,
    d.name AS device,
    (d.device_type)::text AS device_type,
    q.day,
    q.starts_at AS start,
    q.ends_at,
    q.energy_kwh AS kwh,
    q.measured_kwh,
    q.energy_method AS method,
    public.rollup_marks(q.energy_marks) AS marks,
    (LEAST((100)::numeric, round((((100.0 * (q.samples)::numeric) * (q.interval_seconds)::numeric) / GREATEST(EXTRACT(epoch FROM (LEAST(q.ends_at, now()) - q.starts_at)), (1)::numeric)), 1)))::double precision AS coverage_percent
   FROM ((public.rollup_days q
     JOIN public.devices d ON ((d.device_key = q.device_key)))
     JOIN public.sites s ON ((s.id = q.site_id)));

ALTER VIEW public.v_energy_day OWNER TO solarhub_owner;

CREATE VIEW public.v_energy_gap WITH (security_barrier='true') AS
 SELECT d.organization_id,
    d.site_id,
    d.id AS device_id,
    d.name AS device,
    split_part(g.series, ':'::text, 1) AS metric,
    NULLIF(split_part(g.series, ':'::text, 2), ''::text) AS channel,
    g.started_at,
    g.ended_at,
    g.kwh,
    public.rollup_marks(g.marks) AS marks
   FROM (public.rollup_gaps g
     JOIN public.devices d ON ((d.device_key = g.device_key)));

ALTER VIEW public.v_energy_gap OWNER TO solarhub_owner;

CREATE VIEW public.v_rollup_15m WITH (security_barrier='true') AS
 SELECT d.organization_id,
    s.id AS site_id,
    s.name AS site,
    d.id AS device_id,
    d.name AS device,
    (d.device_type)::text AS device_type,
    split_part(f.series, ':'::text, 1) AS metric,
    NULLIF(split_part(f.series, ':'::text, 2), ''::text) AS channel,
    q.start,
    (q.start + '00:15:00'::interval) AS ends_at,
    NULLIF(f.mean, 'NaN'::double precision) AS mean,
    NULLIF(f."least", 'NaN'::double precision) AS min,
    NULLIF(f."greatest", 'NaN'::double precision) AS max,
    NULLIF(f.last, 'NaN'::double precision) AS last,
    COALESCE(f.reported, q.samples) AS count,
    NULLIF(f.kwh, 'NaN'::double precision) AS kwh,
    public.rollup_marks(COALESCE(f.marks, 0)) AS marks,
    (LEAST((100)::numeric, round((((100.0 * (COALESCE(f.reported, q.samples))::numeric) * (q.interval_seconds)::numeric) / GREATEST(900.0, (1)::numeric)), 1)))::double precision AS coverage_percent
   FROM ((((public.rollup_quarters q
     JOIN public.devices d ON ((d.device_key = q.device_key)))
     JOIN public.sites s ON ((s.id = d.site_id)))
     JOIN public.telemetry_layouts l ON ((l.id = q.layout_id)))
     CROSS JOIN LATERAL UNNEST(l.series, q.mean, q."least", q."greatest", q.last, q.kwh, q.reported, q.marks) f(series, mean, "least", "greatest", last, kwh, reported, marks))
  WHERE ((COALESCE(f.reported, q.samples) > 0) OR (f.kwh <> 'NaN'::double precision));

ALTER VIEW public.v_rollup_15m OWNER TO solarhub_owner;

CREATE VIEW public.v_rollup_day WITH (security_barrier='true') AS
 SELECT d.organization_id,
    s.id AS site_id,
    s.name AS site,
    d.id AS device_id,
    d.name AS device,
    (d.device_type)::text AS device_type,
    split_part(f.series, ':'::text, 1) AS metric,
    NULLIF(split_part(f.series, ':'::text, 2), ''::text) AS channel,
    q.day,
    q.starts_at AS start,
    q.ends_at,
    NULLIF(f.mean, 'NaN'::double precision) AS mean,
    NULLIF(f."least", 'NaN'::double precision) AS min,
    NULLIF(f."greatest", 'NaN'::double precision) AS max,
    NULLIF(f.last, 'NaN'::double precision) AS last,
    COALESCE(f.reported, q.samples) AS count,
    NULLIF(f.kwh, 'NaN'::double precision) AS kwh,
    public.rollup_marks(COALESCE(f.marks, 0)) AS marks,
    (LEAST((100)::numeric, round((((100.0 * (COALESCE(f.reported, q.samples))::numeric) * (q.interval_seconds)::numeric) / GREATEST(EXTRACT(epoch FROM (LEAST(q.ends_at, now()) - q.starts_at)), (1)::numeric)), 1)))::double precision AS coverage_percent
   FROM ((((public.rollup_days q
     JOIN public.devices d ON ((d.device_key = q.device_key)))
     JOIN public.sites s ON ((s.id = q.site_id)))
     JOIN public.telemetry_layouts l ON ((l.id = q.layout_id)))
     CROSS JOIN LATERAL UNNEST(l.series, q.mean, q."least", q."greatest", q.last, q.kwh, q.reported, q.marks) f(series, mean, "least", "greatest", last, kwh, reported, marks))
  WHERE ((COALESCE(f.reported, q.samples) > 0) OR (f.kwh <> 'NaN'::double precision));

ALTER VIEW public.v_rollup_day OWNER TO solarhub_owner;

CREATE VIEW public.v_rollup_hour WITH (security_barrier='true') AS
 SELECT d.organization_id,
    s.id AS site_id,
    s.name AS site,
    d.id AS device_id,
    d.name AS device,
    (d.device_type)::text AS device_type,
    split_part(f.series, ':'::text, 1) AS metric,
    NULLIF(split_part(f.series, ':'::text, 2), ''::text) AS channel,
    q.start,
    q.ends_at,
    NULLIF(f.mean, 'NaN'::double precision) AS mean,
    NULLIF(f."least", 'NaN'::double precision) AS min,
    NULLIF(f."greatest", 'NaN'::double precision) AS max,
    NULLIF(f.last, 'NaN'::double precision) AS last,
    COALESCE(f.reported, q.samples) AS count,
    NULLIF(f.kwh, 'NaN'::double precision) AS kwh,
    public.rollup_marks(COALESCE(f.marks, 0)) AS marks,
    (LEAST((100)::numeric, round((((100.0 * (COALESCE(f.reported, q.samples))::numeric) * (q.interval_seconds)::numeric) / GREATEST(EXTRACT(epoch FROM (LEAST(q.ends_at, now()) - q.start)), (1)::numeric)), 1)))::double precision AS coverage_percent
   FROM ((((public.rollup_hours q
     JOIN public.devices d ON ((d.device_key = q.device_key)))
     JOIN public.sites s ON ((s.id = d.site_id)))
     JOIN public.telemetry_layouts l ON ((l.id = q.layout_id)))
     CROSS JOIN LATERAL UNNEST(l.series, q.mean, q."least", q."greatest", q.last, q.kwh, q.reported, q.marks) f(series, mean, "least", "greatest", last, kwh, reported, marks))
  WHERE ((COALESCE(f.reported, q.samples) > 0) OR (f.kwh <> 'NaN'::double precision));

ALTER VIEW public.v_rollup_hour OWNER TO solarhub_owner;

CREATE VIEW public.v_rollup_month WITH (security_barrier='true') AS
 SELECT d.organization_id,
    s.id AS site_id,
    s.name AS site,
    d.id AS device_id,
    d.name AS device,
    (d.device_type)::text AS device_type,
    split_part(f.series, ':'::text, 1) AS metric,
    NULLIF(split_part(f.series, ':'::text, 2), ''::text) AS channel,
    q.month,
    q.starts_at AS start,
    q.ends_at,
    NULLIF(f.mean, 'NaN'::double precision) AS mean,
    NULLIF(f."least", 'NaN'::double precision) AS min,
    NULLIF(f."greatest", 'NaN'::double precision) AS max,
    NULLIF(f.last, 'NaN'::double precision) AS last,
    COALESCE(f.reported, q.samples) AS count,
    NULLIF(f.kwh, 'NaN'::double precision) AS kwh,
    public.rollup_marks(COALESCE(f.marks, 0)) AS marks,
    (LEAST((100)::numeric, round((((100.0 * (COALESCE(f.reported, q.samples))::numeric) * (q.interval_seconds)::numeric) / GREATEST(EXTRACT(epoch FROM (LEAST(q.ends_at, now()) - q.starts_at)), (1)::numeric)), 1)))::double precision AS coverage_percent
   FROM ((((public.rollup_months q
     JOIN public.devices d ON ((d.device_key = q.device_key)))
     JOIN public.sites s ON ((s.id = d.site_id)))
     JOIN public.telemetry_layouts l ON ((l.id = q.layout_id)))
     CROSS JOIN LATERAL UNNEST(l.series, q.mean, q."least", q."greatest", q.last, q.kwh, q.reported, q.marks) f(series, mean, "least", "greatest", last, kwh, reported, marks))
  WHERE ((COALESCE(f.reported, q.samples) > 0) OR (f.kwh <> 'NaN'::double precision));

ALTER VIEW public.v_rollup_month OWNER TO solarhub_owner;

CREATE VIEW public.v_site_capacity AS
SELECT
    NULL::uuid AS organization_id,
    NULL::uuid AS site_id,
    NULL::text AS site_name,
    NULL::public.site_status AS status,
    NULL::text AS timezone,
    NULL::double precision AS system_capacity_kw,
    NULL::double precision AS inverter_capacity_kw,
    NULL::double precision AS battery_capacity_kwh,
    NULL::integer AS panel_count,
    NULL::boolean AS grid_connected,
    NULL::boolean AS net_metering_enabled,
    NULL::text AS plant_kind,
    NULL::text AS disco_provider,
    NULL::text AS tariff_category,
    NULL::bigint AS device_count,
    NULL::bigint AS inverter_count,
    NULL::bigint AS meter_count,
    NULL::bigint AS battery_count;

ALTER VIEW public.v_site_capacity OWNER TO solarhub_owner;

CREATE VIEW public.v_site_energy_day WITH (security_barrier='true') AS
 SELECT q.organization_id,
    s.id AS site_id,
    s.name AS site,
    s.timezone,
    ((s.configuration ->> 'system_capacity_kw'::text))::double precision AS capacity_kw,
    q.day,
    q.starts_at AS start,
    q.ends_at,
    q.energy_kwh AS kwh,
    q.measured_kwh,
    q.energy_method AS method,
    public.rollup_marks(q.energy_marks) AS marks,
    q.devices,
    (LEAST((100)::numeric, round(((((100.0)::double precision * q.covered_seconds) / (GREATEST(((q.devices)::numeric * EXTRACT(epoch FROM (LEAST(q.ends_at, now()) - q.starts_at))), (1)::numeric))::double precision))::numeric, 1)))::double precision AS coverage_percent
   FROM (public.site_energy_days q
     JOIN public.sites s ON ((s.id = q.site_id)));

ALTER VIEW public.v_site_energy_day OWNER TO solarhub_owner;

CREATE TABLE public.webhooks (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    url text NOT NULL,
    description text,
    secret_sealed text NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_by uuid NOT NULL,
    removed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL
);

ALTER TABLE ONLY public.webhooks FORCE ROW LEVEL SECURITY;

ALTER TABLE public.webhooks OWNER TO solarhub_owner;

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY public.alert_announcements
    ADD CONSTRAINT pk_alert_announcements PRIMARY KEY (alert_id, event);

ALTER TABLE ONLY public.alert_episodes
    ADD CONSTRAINT pk_alert_episodes PRIMARY KEY (alert_id);

ALTER TABLE ONLY public.alert_notes
    ADD CONSTRAINT pk_alert_notes PRIMARY KEY (id);

ALTER TABLE ONLY public.alert_rule_states
    ADD CONSTRAINT pk_alert_rule_states PRIMARY KEY (rule_id, target);

ALTER TABLE ONLY public.alert_rules
    ADD CONSTRAINT pk_alert_rules PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT pk_alerts PRIMARY KEY (id);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT pk_api_keys PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_entries
    ADD CONSTRAINT pk_audit_entries PRIMARY KEY (id);

ALTER TABLE ONLY public.backup_runs
    ADD CONSTRAINT pk_backup_runs PRIMARY KEY (id);

ALTER TABLE ONLY public.custom_metrics
    ADD CONSTRAINT pk_custom_metrics PRIMARY KEY (id);

ALTER TABLE ONLY public.device_claim_requests
    ADD CONSTRAINT pk_device_claim_requests PRIMARY KEY (id);

ALTER TABLE ONLY public.device_claims
    ADD CONSTRAINT pk_device_claims PRIMARY KEY (id);

ALTER TABLE ONLY public.device_state
    ADD CONSTRAINT pk_device_state PRIMARY KEY (device_id);

ALTER TABLE ONLY public.device_tokens
    ADD CONSTRAINT pk_device_tokens PRIMARY KEY (id);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT pk_devices PRIMARY KEY (id);

ALTER TABLE ONLY public.discos
    ADD CONSTRAINT pk_discos PRIMARY KEY (code);

ALTER TABLE ONLY public.energy_corrections
    ADD CONSTRAINT pk_energy_corrections PRIMARY KEY (id);

ALTER TABLE ONLY public.evaluation_calls
    ADD CONSTRAINT pk_evaluation_calls PRIMARY KEY (id);

ALTER TABLE ONLY public.evaluation_edits
    ADD CONSTRAINT pk_evaluation_edits PRIMARY KEY (id);

ALTER TABLE ONLY public.evaluation_leases
    ADD CONSTRAINT pk_evaluation_leases PRIMARY KEY (shard);

ALTER TABLE ONLY public.evaluation_positions
    ADD CONSTRAINT pk_evaluation_positions PRIMARY KEY (shard);

ALTER TABLE ONLY public.evaluators
    ADD CONSTRAINT pk_evaluators PRIMARY KEY (owner);

ALTER TABLE ONLY public.found_announcements
    ADD CONSTRAINT pk_found_announcements PRIMARY KEY (organization_id, broker_key, topic);

ALTER TABLE ONLY public.found_senders
    ADD CONSTRAINT pk_found_senders PRIMARY KEY (id);

ALTER TABLE ONLY public.history_import_parts
    ADD CONSTRAINT pk_history_import_parts PRIMARY KEY (organization_id, import_id, part);

ALTER TABLE ONLY public.history_imports
    ADD CONSTRAINT pk_history_imports PRIMARY KEY (id);

ALTER TABLE ONLY public.idempotent_answers
    ADD CONSTRAINT pk_idempotent_answers PRIMARY KEY (actor_id, key);

ALTER TABLE ONLY public.mqtt_arrivals
    ADD CONSTRAINT pk_mqtt_arrivals PRIMARY KEY (client_id, at);

ALTER TABLE ONLY public.mqtt_identity
    ADD CONSTRAINT pk_mqtt_identity PRIMARY KEY (is_only);

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT pk_notifications PRIMARY KEY (id);

ALTER TABLE ONLY public.organization_logos
    ADD CONSTRAINT pk_organization_logos PRIMARY KEY (organization_id);

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT pk_organization_members PRIMARY KEY (id);

ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT pk_organizations PRIMARY KEY (id);

ALTER TABLE ONLY public.raw_messages
    ADD CONSTRAINT pk_raw_messages PRIMARY KEY (id);

ALTER TABLE ONLY public.reader_roles
    ADD CONSTRAINT pk_reader_roles PRIMARY KEY (role_name);

ALTER TABLE ONLY public.rollup_clocks_todo
    ADD CONSTRAINT pk_rollup_clocks_todo PRIMARY KEY (site_id);

ALTER TABLE ONLY public.rollup_days
    ADD CONSTRAINT pk_rollup_days PRIMARY KEY (device_key, day);

ALTER TABLE ONLY public.rollup_days_todo
    ADD CONSTRAINT pk_rollup_days_todo PRIMARY KEY (shard, device_key, day);

ALTER TABLE ONLY public.rollup_gaps
    ADD CONSTRAINT pk_rollup_gaps PRIMARY KEY (device_key, series, ended_at);

ALTER TABLE ONLY public.rollup_hours
    ADD CONSTRAINT pk_rollup_hours PRIMARY KEY (device_key, start);

ALTER TABLE ONLY public.rollup_months
    ADD CONSTRAINT pk_rollup_months PRIMARY KEY (device_key, month);

ALTER TABLE ONLY public.rollup_months_todo
    ADD CONSTRAINT pk_rollup_months_todo PRIMARY KEY (device_key, month);

ALTER TABLE ONLY public.rollup_quarters
    ADD CONSTRAINT pk_rollup_quarters PRIMARY KEY (device_key, start);

ALTER TABLE ONLY public.rollup_todo
    ADD CONSTRAINT pk_rollup_todo PRIMARY KEY (shard, device_key, hour);

ALTER TABLE ONLY public.site_energy_days
    ADD CONSTRAINT pk_site_energy_days PRIMARY KEY (site_id, day);

ALTER TABLE ONLY public.site_grants
    ADD CONSTRAINT pk_site_grants PRIMARY KEY (id);

ALTER TABLE ONLY public.site_handovers
    ADD CONSTRAINT pk_site_handovers PRIMARY KEY (id);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT pk_sites PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_blocks
    ADD CONSTRAINT pk_telemetry_blocks PRIMARY KEY (device_key, day, part);

ALTER TABLE ONLY public.telemetry_cold_days
    ADD CONSTRAINT pk_telemetry_cold_days PRIMARY KEY (day);

ALTER TABLE ONLY public.telemetry_conflicts
    ADD CONSTRAINT pk_telemetry_conflicts PRIMARY KEY (device_id, day);

ALTER TABLE ONLY public.telemetry_layouts
    ADD CONSTRAINT pk_telemetry_layouts PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_mark_epoch
    ADD CONSTRAINT pk_telemetry_mark_epoch PRIMARY KEY (is_only);

ALTER TABLE ONLY public.telemetry_marks
    ADD CONSTRAINT pk_telemetry_marks PRIMARY KEY (hour, device_key);

ALTER TABLE ONLY public.telemetry_quarantine
    ADD CONSTRAINT pk_telemetry_quarantine PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_samples
    ADD CONSTRAINT pk_telemetry_samples PRIMARY KEY (device_key, at);

ALTER TABLE ONLY public.telemetry_stirred
    ADD CONSTRAINT pk_telemetry_stirred PRIMARY KEY (day, device_key);

ALTER TABLE ONLY public.throttles
    ADD CONSTRAINT pk_throttles PRIMARY KEY (bucket);

ALTER TABLE ONLY public.user_links
    ADD CONSTRAINT pk_user_links PRIMARY KEY (id);

ALTER TABLE ONLY public.user_recovery_codes
    ADD CONSTRAINT pk_user_recovery_codes PRIMARY KEY (user_id, code_sha256);

ALTER TABLE ONLY public.user_second_factors
    ADD CONSTRAINT pk_user_second_factors PRIMARY KEY (user_id);

ALTER TABLE ONLY public.user_sessions
    ADD CONSTRAINT pk_user_sessions PRIMARY KEY (id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT pk_users PRIMARY KEY (id);

ALTER TABLE ONLY public.webhooks
    ADD CONSTRAINT pk_webhooks PRIMARY KEY (id);

ALTER TABLE ONLY public.alert_episodes
    ADD CONSTRAINT uq_alert_episodes_organization_id_alert_id UNIQUE (organization_id, alert_id);

ALTER TABLE ONLY public.alert_episodes
    ADD CONSTRAINT uq_alert_episodes_rule_id_target_streak_started_at UNIQUE (rule_id, target, streak_started_at);

ALTER TABLE ONLY public.alert_rules
    ADD CONSTRAINT uq_alert_rules_organization_id_id UNIQUE (organization_id, id);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT uq_api_keys_token_sha256 UNIQUE (token_sha256);

ALTER TABLE ONLY public.custom_metrics
    ADD CONSTRAINT uq_custom_metrics_organization_id_name UNIQUE (organization_id, name);

ALTER TABLE ONLY public.device_claim_requests
    ADD CONSTRAINT uq_device_claim_requests_claim_id_device_id UNIQUE (claim_id, device_id);

ALTER TABLE ONLY public.device_state
    ADD CONSTRAINT uq_device_state_device_key UNIQUE (device_key);

ALTER TABLE ONLY public.device_tokens
    ADD CONSTRAINT uq_device_tokens_token_sha256 UNIQUE (token_sha256);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT uq_devices_device_key UNIQUE (device_key);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT uq_devices_organization_id_id UNIQUE (organization_id, id);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT uq_devices_replaces UNIQUE (replaces);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT uq_devices_serial_number UNIQUE (serial_number);

ALTER TABLE ONLY public.found_senders
    ADD CONSTRAINT uq_found_senders_organization_id_id UNIQUE (organization_id, id);

ALTER TABLE ONLY public.history_imports
    ADD CONSTRAINT uq_history_imports_organization_id_id UNIQUE (organization_id, id);

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT uq_organization_members_invitation_token UNIQUE (invitation_token);

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT uq_organization_members_organization_id_user_id UNIQUE (organization_id, user_id);

ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT uq_organizations_organization_key UNIQUE (organization_key);

ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT uq_organizations_slug UNIQUE (slug);

ALTER TABLE ONLY public.site_grants
    ADD CONSTRAINT uq_site_grants_invitation_token UNIQUE (invitation_token);

ALTER TABLE ONLY public.site_handovers
    ADD CONSTRAINT uq_site_handovers_invitation_token UNIQUE (invitation_token);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT uq_sites_organization_id_id UNIQUE (organization_id, id);

ALTER TABLE ONLY public.telemetry_layouts
    ADD CONSTRAINT uq_telemetry_layouts_organization_key_series_sha256 UNIQUE (organization_key, series_sha256);

ALTER TABLE ONLY public.user_links
    ADD CONSTRAINT uq_user_links_token_sha256 UNIQUE (token_sha256);

ALTER TABLE ONLY public.user_sessions
    ADD CONSTRAINT uq_user_sessions_token_sha256 UNIQUE (token_sha256);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT uq_users_email UNIQUE (email);

CREATE INDEX ix_alert_announcements_organization_id_alert_id ON public.alert_announcements USING btree (organization_id, alert_id);

CREATE INDEX ix_alert_announcements_waiting ON public.alert_announcements USING btree (created_at) WHERE (addressed_at IS NULL);

CREATE INDEX ix_alert_notes_author_id ON public.alert_notes USING btree (author_id);

CREATE INDEX ix_alert_notes_organization_id_alert_id ON public.alert_notes USING btree (organization_id, alert_id);

CREATE INDEX ix_alert_rule_states_organization_id_device_id ON public.alert_rule_states USING btree (organization_id, device_id);

CREATE INDEX ix_alert_rules_condition ON public.alert_rules USING gin (condition);

CREATE INDEX ix_alert_rules_site_id ON public.alert_rules USING btree (site_id);

CREATE INDEX ix_alerts_device_id ON public.alerts USING btree (device_id);

CREATE INDEX ix_alerts_escalation ON public.alerts USING btree (triggered_at) WHERE ((status = 'active'::public.alert_status) AND (escalated = false));

CREATE INDEX ix_alerts_open ON public.alerts USING btree (organization_id, triggered_at, status, severity) WHERE (status = ANY (ARRAY['active'::public.alert_status, 'acknowledged'::public.alert_status]));

CREATE INDEX ix_alerts_organization_id_status_severity_triggered_at ON public.alerts USING btree (organization_id, status, severity, triggered_at);

CREATE INDEX ix_alerts_organization_id_triggered_at ON public.alerts USING btree (organization_id, triggered_at);

CREATE INDEX ix_alerts_rule_id ON public.alerts USING btree (rule_id);

CREATE INDEX ix_alerts_site_id_triggered_at ON public.alerts USING btree (site_id, triggered_at);

CREATE INDEX ix_alerts_status_severity ON public.alerts USING btree (status, severity);

CREATE INDEX ix_alerts_triggered_at ON public.alerts USING btree (triggered_at);

CREATE INDEX ix_api_keys_created_by ON public.api_keys USING btree (created_by);

CREATE INDEX ix_api_keys_organization_id ON public.api_keys USING btree (organization_id);

CREATE INDEX ix_audit_entries_organization_id_id ON public.audit_entries USING btree (organization_id, id);

CREATE INDEX ix_backup_runs_finished_at ON public.backup_runs USING btree (finished_at);

CREATE INDEX ix_device_claim_requests_answered_by ON public.device_claim_requests USING btree (answered_by);

CREATE INDEX ix_device_claim_requests_organization_id_device_id ON public.device_claim_requests USING btree (organization_id, device_id);

CREATE INDEX ix_device_claims_claimed_by ON public.device_claims USING btree (claimed_by);

CREATE INDEX ix_device_claims_organization_id_device_id ON public.device_claims USING btree (organization_id, device_id);

CREATE INDEX ix_device_claims_pending ON public.device_claims USING btree (looked_at NULLS FIRST) WHERE (state = 'pending'::text);

CREATE INDEX ix_device_state_organization_id_device_id ON public.device_state USING btree (organization_id, device_id);

CREATE INDEX ix_device_tokens_organization_id_device_id ON public.device_tokens USING btree (organization_id, device_id);

CREATE INDEX ix_devices_connection_config ON public.devices USING gin (connection_config);

CREATE INDEX ix_devices_gateway_id ON public.devices USING btree (gateway_id);

CREATE INDEX ix_devices_last_seen_at ON public.devices USING btree (last_seen_at);

CREATE INDEX ix_devices_maintenance_until ON public.devices USING btree (maintenance_until) WHERE (maintenance_until IS NOT NULL);

CREATE INDEX ix_devices_metadata ON public.devices USING gin (metadata);

CREATE INDEX ix_devices_mqtt ON public.devices USING btree (device_key, version) WHERE ((protocol = 'mqtt'::public.protocol_type) AND (removed_at IS NULL));

CREATE INDEX ix_devices_online ON public.devices USING btree (last_seen_at) WHERE (status = 'online'::public.device_status);

CREATE INDEX ix_devices_organization_id_name_id ON public.devices USING btree (organization_id, name, id);

CREATE INDEX ix_devices_site_id_organization_id ON public.devices USING btree (site_id, organization_id);

CREATE INDEX ix_devices_status ON public.devices USING btree (status);

CREATE INDEX ix_energy_corrections_corrected_by ON public.energy_corrections USING btree (corrected_by);

CREATE INDEX ix_energy_corrections_device_key_first_day ON public.energy_corrections USING btree (device_key, first_day);

CREATE INDEX ix_energy_corrections_organization_id_device_id ON public.energy_corrections USING btree (organization_id, device_id);

CREATE INDEX ix_energy_corrections_undone_by ON public.energy_corrections USING btree (undone_by);

CREATE INDEX ix_evaluation_edits_edited_by ON public.evaluation_edits USING btree (edited_by);

CREATE INDEX ix_found_senders_adopted ON public.found_senders USING btree (organization_id, broker_key, sender) WHERE (device_id IS NOT NULL);

CREATE INDEX ix_found_senders_organization_id_device_id ON public.found_senders USING btree (organization_id, device_id);

CREATE INDEX ix_found_senders_replay ON public.found_senders USING btree (replay_asked_at) WHERE (replay_asked_at IS NOT NULL);

CREATE INDEX ix_history_imports_imported_by ON public.history_imports USING btree (imported_by);

CREATE INDEX ix_history_imports_organization_id_started_at ON public.history_imports USING btree (organization_id, started_at);

CREATE INDEX ix_history_imports_undone_by ON public.history_imports USING btree (undone_by);

CREATE INDEX ix_idempotent_answers_created_at ON public.idempotent_answers USING btree (created_at);

CREATE INDEX ix_notifications_due ON public.notifications USING btree (channel, not_before) WHERE (state = 'pending'::text);

CREATE INDEX ix_notifications_leased ON public.notifications USING btree (lease_until) WHERE (state = 'sending'::text);

CREATE INDEX ix_notifications_organization_id_created_at ON public.notifications USING btree (organization_id, created_at);

CREATE INDEX ix_notifications_unrecorded ON public.notifications USING btree (settled_at) WHERE ((state = 'sent'::text) AND (recorded_at IS NULL) AND (subject_id IS NOT NULL));

CREATE INDEX ix_notifications_user_id ON public.notifications USING btree (user_id);

CREATE INDEX ix_organization_members_user_id ON public.organization_members USING btree (user_id);

CREATE INDEX ix_organizations_owner_id ON public.organizations USING btree (owner_id);

CREATE INDEX ix_organizations_settings ON public.organizations USING gin (settings);

CREATE INDEX ix_raw_messages_last_at ON public.raw_messages USING btree (last_at);

CREATE INDEX ix_raw_messages_organization_id_sender_id ON public.raw_messages USING btree (organization_id, sender_id);

CREATE INDEX ix_raw_messages_pending ON public.raw_messages USING btree (sender_id) WHERE (instants IS NULL);

CREATE INDEX ix_raw_messages_sender_id_last_at ON public.raw_messages USING btree (sender_id, last_at);

CREATE INDEX ix_reader_roles_organization_id ON public.reader_roles USING btree (organization_id);

CREATE INDEX ix_rollup_days_site_id_day ON public.rollup_days USING btree (site_id, day);

CREATE INDEX ix_rollup_months_todo_due_at ON public.rollup_months_todo USING btree (due_at);

CREATE INDEX ix_site_energy_days_organization_id_day ON public.site_energy_days USING btree (organization_id, day);

CREATE INDEX ix_site_grants_granted_by ON public.site_grants USING btree (granted_by);

CREATE INDEX ix_site_grants_grantee_organization_id ON public.site_grants USING btree (grantee_organization_id);

CREATE INDEX ix_site_grants_organization_id_site_id ON public.site_grants USING btree (organization_id, site_id);

CREATE INDEX ix_site_grants_user_id ON public.site_grants USING btree (user_id);

CREATE INDEX ix_site_handovers_accepted_by ON public.site_handovers USING btree (accepted_by);

CREATE INDEX ix_site_handovers_moving ON public.site_handovers USING btree (accepted_at) WHERE ((accepted_at IS NOT NULL) AND (telemetry_moved_at IS NULL));

CREATE INDEX ix_site_handovers_offered_by ON public.site_handovers USING btree (offered_by);

CREATE INDEX ix_site_handovers_organization_id ON public.site_handovers USING btree (organization_id);

CREATE INDEX ix_site_handovers_to_organization_id ON public.site_handovers USING btree (to_organization_id);

CREATE INDEX ix_sites_address ON public.sites USING gin (address);

CREATE INDEX ix_sites_configuration ON public.sites USING gin (configuration);

CREATE INDEX ix_sites_disco_code ON public.sites USING btree (disco_code);

CREATE INDEX ix_sites_maintenance_until ON public.sites USING btree (maintenance_until) WHERE (maintenance_until IS NOT NULL);

CREATE INDEX ix_sites_organization_id_name_id ON public.sites USING btree (organization_id, name, id);

CREATE INDEX ix_telemetry_blocks_organization_key_day ON public.telemetry_blocks USING btree (organization_key, day);

CREATE INDEX ix_telemetry_conflicts_organization_id_device_id ON public.telemetry_conflicts USING btree (organization_id, device_id);

CREATE INDEX ix_telemetry_quarantine_device_id ON public.telemetry_quarantine USING btree (device_id);

CREATE INDEX ix_telemetry_quarantine_organization_id_received_at ON public.telemetry_quarantine USING btree (organization_id, received_at);

CREATE INDEX ix_throttles_empty_at ON public.throttles USING btree (empty_at);

CREATE INDEX ix_user_links_expires_at ON public.user_links USING btree (expires_at);

CREATE INDEX ix_user_links_user_id ON public.user_links USING btree (user_id);

CREATE INDEX ix_user_sessions_expires_at ON public.user_sessions USING btree (expires_at);

CREATE INDEX ix_user_sessions_user_id ON public.user_sessions USING btree (user_id);

CREATE INDEX ix_users_preferences ON public.users USING gin (preferences);

CREATE INDEX ix_webhooks_created_by ON public.webhooks USING btree (created_by);

CREATE INDEX ix_webhooks_organization_id ON public.webhooks USING btree (organization_id);

CREATE UNIQUE INDEX uq_alert_episodes_open ON public.alert_episodes USING btree (rule_id, target) WHERE (closed_at IS NULL);

CREATE UNIQUE INDEX uq_device_claims_open ON public.device_claims USING btree (device_id) WHERE (state = 'pending'::text);

CREATE UNIQUE INDEX uq_found_senders_waiting ON public.found_senders USING btree (organization_id, broker_key, sender) WHERE (device_id IS NULL);

CREATE UNIQUE INDEX uq_notifications_subject_id_event_channel_recipient ON public.notifications USING btree (subject_id, event, channel, recipient) WHERE (subject_id IS NOT NULL);

CREATE UNIQUE INDEX uq_site_grants_site_id_grantee_organization_id ON public.site_grants USING btree (site_id, grantee_organization_id) WHERE (removed_at IS NULL);

CREATE UNIQUE INDEX uq_site_grants_site_id_user_id ON public.site_grants USING btree (site_id, user_id) WHERE (removed_at IS NULL);

CREATE UNIQUE INDEX uq_site_handovers_open ON public.site_handovers USING btree (site_id) WHERE ((accepted_at IS NULL) AND (withdrawn_at IS NULL));

CREATE OR REPLACE VIEW public.v_device_status_summary AS
 SELECT sites.organization_id,
    sites.id AS site_id,
    sites.name AS site_name,
    count(*) FILTER (WHERE (devices.status = 'online'::public.device_status)) AS online_count,
    count(*) FILTER (WHERE (devices.status = 'offline'::public.device_status)) AS offline_count,
    count(*) FILTER (WHERE (devices.status = 'error'::public.device_status)) AS error_count,
    count(*) FILTER (WHERE (devices.status = 'maintenance'::public.device_status)) AS maintenance_count,
    count(*) FILTER (WHERE (devices.status = 'unknown'::public.device_status)) AS unknown_count,
    count(devices.id) AS total_count
   FROM (public.sites
     LEFT JOIN public.devices ON (((devices.organization_id = sites.organization_id) AND (devices.site_id = sites.id) AND (devices.removed_at IS NULL))))
  WHERE (sites.removed_at IS NULL)
  GROUP BY sites.organization_id, sites.id;

CREATE OR REPLACE VIEW public.v_site_capacity AS
 SELECT sites.organization_id,
    sites.id AS site_id,
    sites.name AS site_name,
    sites.status,
    sites.timezone,
    ((sites.configuration ->> 'system_capacity_kw'::text))::double precision AS system_capacity_kw,
    ((sites.configuration ->> 'inverter_capacity_kw'::text))::double precision AS inverter_capacity_kw,
    ((sites.configuration ->> 'battery_capacity_kwh'::text))::double precision AS battery_capacity_kwh,
    (((sites.configuration ->> 'panel_count'::text))::double precision)::integer AS panel_count,
    ((sites.configuration ->> 'grid_connected'::text))::boolean AS grid_connected,
    ((sites.configuration ->> 'net_metering_enabled'::text))::boolean AS net_metering_enabled,
    (sites.configuration ->> 'plant_kind'::text) AS plant_kind,
    sites.disco_code AS disco_provider,
    (sites.configuration ->> 'tariff_category'::text) AS tariff_category,
    count(devices.id) AS device_count,
    count(*) FILTER (WHERE (devices.device_type = 'inverter'::public.device_type)) AS inverter_count,
    count(*) FILTER (WHERE (devices.device_type = 'meter'::public.device_type)) AS meter_count,
    count(*) FILTER (WHERE (devices.device_type = 'battery'::public.device_type)) AS battery_count
   FROM (public.sites
     LEFT JOIN public.devices ON (((devices.organization_id = sites.organization_id) AND (devices.site_id = sites.id) AND (devices.removed_at IS NULL))))
  WHERE (sites.removed_at IS NULL)
  GROUP BY sites.organization_id, sites.id;

CREATE TRIGGER asks_anew BEFORE UPDATE ON public.alert_rules FOR EACH ROW WHEN (((old.condition <> new.condition) OR (old.site_id IS DISTINCT FROM new.site_id) OR (new.is_active AND (NOT old.is_active)))) EXECUTE FUNCTION public.rule_asks_anew();

CREATE TRIGGER increment_version BEFORE UPDATE ON public.alert_rules FOR EACH ROW EXECUTE FUNCTION public.increment_version();

CREATE TRIGGER increment_version BEFORE UPDATE ON public.alerts FOR EACH ROW EXECUTE FUNCTION public.increment_version('machine writes exempt');

CREATE TRIGGER increment_version BEFORE UPDATE ON public.custom_metrics FOR EACH ROW EXECUTE FUNCTION public.increment_version();

CREATE TRIGGER increment_version BEFORE UPDATE ON public.devices FOR EACH ROW EXECUTE FUNCTION public.increment_version('machine writes exempt');

CREATE TRIGGER increment_version BEFORE UPDATE ON public.organization_members FOR EACH ROW EXECUTE FUNCTION public.increment_version();

CREATE TRIGGER increment_version BEFORE UPDATE ON public.organizations FOR EACH ROW EXECUTE FUNCTION public.increment_version();

CREATE TRIGGER increment_version BEFORE UPDATE ON public.site_grants FOR EACH ROW EXECUTE FUNCTION public.increment_version();

CREATE TRIGGER increment_version BEFORE UPDATE ON public.sites FOR EACH ROW EXECUTE FUNCTION public.increment_version();

CREATE TRIGGER increment_version BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.increment_version();

CREATE TRIGGER increment_version BEFORE UPDATE ON public.webhooks FOR EACH ROW EXECUTE FUNCTION public.increment_version();

CREATE TRIGGER note_edit AFTER UPDATE ON public.alert_rules FOR EACH ROW WHEN ((old.version IS DISTINCT FROM new.version)) EXECUTE FUNCTION public.note_edit('rule');

CREATE TRIGGER note_edit AFTER UPDATE ON public.devices FOR EACH ROW WHEN ((old.version IS DISTINCT FROM new.version)) EXECUTE FUNCTION public.note_edit('device');

CREATE TRIGGER note_edit AFTER UPDATE ON public.sites FOR EACH ROW WHEN ((old.version IS DISTINCT FROM new.version)) EXECUTE FUNCTION public.note_edit('site');

CREATE TRIGGER note_new AFTER INSERT ON public.alert_rules FOR EACH ROW EXECUTE FUNCTION public.note_edit('rule');

CREATE TRIGGER note_removal AFTER DELETE ON public.alert_rules FOR EACH ROW EXECUTE FUNCTION public.note_edit('rule');

CREATE TRIGGER note_removal AFTER DELETE ON public.devices FOR EACH ROW EXECUTE FUNCTION public.note_edit('device');

CREATE TRIGGER note_removal AFTER DELETE ON public.sites FOR EACH ROW EXECUTE FUNCTION public.note_edit('site');

CREATE TRIGGER refuse_rewriting_history BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_entries FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_rewriting_history();

CREATE TRIGGER rollups_follow AFTER UPDATE OF organization_id ON public.devices FOR EACH ROW WHEN ((old.organization_id <> new.organization_id)) EXECUTE FUNCTION public.rollups_follow_device();

CREATE TRIGGER rollups_follow AFTER UPDATE OF organization_id ON public.sites FOR EACH ROW WHEN ((old.organization_id <> new.organization_id)) EXECUTE FUNCTION public.rollups_follow_site();

CREATE TRIGGER rollups_follow_clocks AFTER UPDATE OF timezone ON public.sites FOR EACH ROW WHEN ((old.timezone <> new.timezone)) EXECUTE FUNCTION public.rollups_follow_clocks();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.alert_rules FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.alerts FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.custom_metrics FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.devices FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.organization_members FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.organizations FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.site_grants FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.sites FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.webhooks FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER telemetry_follows AFTER UPDATE OF organization_id ON public.devices FOR EACH ROW WHEN ((old.organization_id <> new.organization_id)) EXECUTE FUNCTION public.telemetry_follows_device();

CREATE TRIGGER telemetry_stays_reachable BEFORE UPDATE OF organization_id ON public.devices FOR EACH ROW WHEN (((old.organization_id <> new.organization_id) AND (new.gateway_id IS NOT NULL))) EXECUTE FUNCTION public.telemetry_follows_device();

ALTER TABLE ONLY public.alert_announcements
    ADD CONSTRAINT fk_alert_announcements_organization_id_alert_id_alert_episodes FOREIGN KEY (organization_id, alert_id) REFERENCES public.alert_episodes(organization_id, alert_id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.alert_episodes
    ADD CONSTRAINT fk_alert_episodes_organization_id_rule_id_alert_rules FOREIGN KEY (organization_id, rule_id) REFERENCES public.alert_rules(organization_id, id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.alert_notes
    ADD CONSTRAINT fk_alert_notes_author_id_users FOREIGN KEY (author_id) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.alert_notes
    ADD CONSTRAINT fk_alert_notes_organization_id_alert_id_alert_episodes FOREIGN KEY (organization_id, alert_id) REFERENCES public.alert_episodes(organization_id, alert_id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.alert_rule_states
    ADD CONSTRAINT fk_alert_rule_states_organization_id_device_id_devices FOREIGN KEY (organization_id, device_id) REFERENCES public.devices(organization_id, id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.alert_rule_states
    ADD CONSTRAINT fk_alert_rule_states_organization_id_rule_id_alert_rules FOREIGN KEY (organization_id, rule_id) REFERENCES public.alert_rules(organization_id, id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.alert_rules
    ADD CONSTRAINT fk_alert_rules_organization_id_organizations FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.alert_rules
    ADD CONSTRAINT fk_alert_rules_organization_id_site_id_sites FOREIGN KEY (organization_id, site_id) REFERENCES public.sites(organization_id, id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT fk_alerts_acknowledged_by_users FOREIGN KEY (acknowledged_by) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT fk_alerts_organization_id_device_id_devices FOREIGN KEY (organization_id, device_id) REFERENCES public.devices(organization_id, id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT fk_alerts_organization_id_organizations FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT fk_alerts_organization_id_rule_id_alert_rules FOREIGN KEY (organization_id, rule_id) REFERENCES public.alert_rules(organization_id, id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT fk_alerts_organization_id_site_id_sites FOREIGN KEY (organization_id, site_id) REFERENCES public.sites(organization_id, id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT fk_alerts_resolved_by_users FOREIGN KEY (resolved_by) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT fk_api_keys_created_by_users FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT fk_api_keys_organization_id_organizations FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.audit_entries
    ADD CONSTRAINT fk_audit_entries_organization_id_organizations FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.custom_metrics
    ADD CONSTRAINT fk_custom_metrics_organization_id_organizations FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.device_claim_requests
    ADD CONSTRAINT fk_device_claim_requests_answered_by_users FOREIGN KEY (answered_by) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.device_claim_requests
    ADD CONSTRAINT fk_device_claim_requests_organization_id_device_id_devices FOREIGN KEY (organization_id, device_id) REFERENCES public.devices(organization_id, id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.device_claims
    ADD CONSTRAINT fk_device_claims_claimed_by_users FOREIGN KEY (claimed_by) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.device_claims
    ADD CONSTRAINT fk_device_claims_organization_id_device_id_devices FOREIGN KEY (organization_id, device_id) REFERENCES public.devices(organization_id, id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.device_state
    ADD CONSTRAINT fk_device_state_organization_id_device_id_devices FOREIGN KEY (organization_id, device_id) REFERENCES public.devices(organization_id, id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.device_tokens
    ADD CONSTRAINT fk_device_tokens_organization_id_device_id_devices FOREIGN KEY (organization_id, device_id) REFERENCES public.devices(organization_id, id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT fk_devices_organization_id_gateway_id_devices FOREIGN KEY (organization_id, gateway_id) REFERENCES public.devices(organization_id, id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT fk_devices_organization_id_organizations FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT fk_devices_organization_id_replaces_devices FOREIGN KEY (organization_id, replaces) REFERENCES public.devices(organization_id, id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT fk_devices_organization_id_site_id_sites FOREIGN KEY (organization_id, site_id) REFERENCES public.sites(organization_id, id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.energy_corrections
    ADD CONSTRAINT fk_energy_corrections_corrected_by_users FOREIGN KEY (corrected_by) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.energy_corrections
    ADD CONSTRAINT fk_energy_corrections_organization_id_device_id_devices FOREIGN KEY (organization_id, device_id) REFERENCES public.devices(organization_id, id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.energy_corrections
    ADD CONSTRAINT fk_energy_corrections_undone_by_users FOREIGN KEY (undone_by) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.found_announcements
    ADD CONSTRAINT fk_found_announcements_organization_id_organizations FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.found_senders
    ADD CONSTRAINT fk_found_senders_organization_id_device_id_devices FOREIGN KEY (organization_id, device_id) REFERENCES public.devices(organization_id, id) ON UPDATE CASCADE ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.found_senders
    ADD CONSTRAINT fk_found_senders_organization_id_organizations FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.history_import_parts
    ADD CONSTRAINT fk_history_import_parts_organization_id_import_id_history_impor FOREIGN KEY (organization_id, import_id) REFERENCES public.history_imports(organization_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.history_imports
    ADD CONSTRAINT fk_history_imports_imported_by_users FOREIGN KEY (imported_by) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.history_imports
    ADD CONSTRAINT fk_history_imports_organization_id_organizations FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.history_imports
    ADD CONSTRAINT fk_history_imports_undone_by_users FOREIGN KEY (undone_by) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT fk_notifications_organization_id_organizations FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT fk_notifications_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.organization_logos
    ADD CONSTRAINT fk_organization_logos_organization_id_organizations FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT fk_organization_members_invited_by_users FOREIGN KEY (invited_by) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT fk_organization_members_organization_id_organizations FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT fk_organization_members_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT fk_organizations_owner_id_users FOREIGN KEY (owner_id) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.raw_messages
    ADD CONSTRAINT fk_raw_messages_organization_id_sender_id_found_senders FOREIGN KEY (organization_id, sender_id) REFERENCES public.found_senders(organization_id, id) ON UPDATE CASCADE ON DELETE CASCADE DEFERRABLE;

ALTER TABLE ONLY public.reader_roles
    ADD CONSTRAINT fk_reader_roles_organization_id_organizations FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.site_energy_days
    ADD CONSTRAINT fk_site_energy_days_organization_id_site_id_sites FOREIGN KEY (organization_id, site_id) REFERENCES public.sites(organization_id, id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.site_grants
    ADD CONSTRAINT fk_site_grants_granted_by_users FOREIGN KEY (granted_by) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.site_grants
    ADD CONSTRAINT fk_site_grants_grantee_organization_id_organizations FOREIGN KEY (grantee_organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.site_grants
    ADD CONSTRAINT fk_site_grants_organization_id_site_id_sites FOREIGN KEY (organization_id, site_id) REFERENCES public.sites(organization_id, id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.site_grants
    ADD CONSTRAINT fk_site_grants_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.site_handovers
    ADD CONSTRAINT fk_site_handovers_accepted_by_users FOREIGN KEY (accepted_by) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.site_handovers
    ADD CONSTRAINT fk_site_handovers_offered_by_users FOREIGN KEY (offered_by) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.site_handovers
    ADD CONSTRAINT fk_site_handovers_organization_id_organizations FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.site_handovers
    ADD CONSTRAINT fk_site_handovers_site_id_sites FOREIGN KEY (site_id) REFERENCES public.sites(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.site_handovers
    ADD CONSTRAINT fk_site_handovers_to_organization_id_organizations FOREIGN KEY (to_organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT fk_sites_disco_code_discos FOREIGN KEY (disco_code) REFERENCES public.discos(code) ON DELETE RESTRICT;

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT fk_sites_organization_id_organizations FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.telemetry_conflicts
    ADD CONSTRAINT fk_telemetry_conflicts_organization_id_device_id_devices FOREIGN KEY (organization_id, device_id) REFERENCES public.devices(organization_id, id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.telemetry_layouts
    ADD CONSTRAINT fk_telemetry_layouts_organization_key_organizations FOREIGN KEY (organization_key) REFERENCES public.organizations(organization_key) ON DELETE RESTRICT;

ALTER TABLE ONLY public.telemetry_quarantine
    ADD CONSTRAINT fk_telemetry_quarantine_organization_id_device_id_devices FOREIGN KEY (organization_id, device_id) REFERENCES public.devices(organization_id, id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE ONLY public.user_links
    ADD CONSTRAINT fk_user_links_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.user_recovery_codes
    ADD CONSTRAINT fk_user_recovery_codes_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.user_second_factors
    ADD CONSTRAINT fk_user_second_factors_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.user_sessions
    ADD CONSTRAINT fk_user_sessions_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.webhooks
    ADD CONSTRAINT fk_webhooks_created_by_users FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.webhooks
    ADD CONSTRAINT fk_webhooks_organization_id_organizations FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

CREATE POLICY actor ON public.idempotent_answers USING ((actor_id = (( SELECT NULLIF(current_setting('app.actor_id'::text, true), ''::text) AS "nullif"))::uuid)) WITH CHECK ((actor_id = (( SELECT NULLIF(current_setting('app.actor_id'::text, true), ''::text) AS "nullif"))::uuid));

ALTER TABLE public.alert_announcements ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.alert_episodes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.alert_notes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.alert_rule_states ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.alert_rules ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.alerts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.api_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_entries ENABLE ROW LEVEL SECURITY;

CREATE POLICY auth ON public.api_keys FOR SELECT TO solarhub_auth USING (true);

CREATE POLICY auth ON public.audit_entries FOR SELECT TO solarhub_auth USING (true);

CREATE POLICY auth ON public.device_tokens FOR SELECT TO solarhub_auth USING (true);

CREATE POLICY auth ON public.devices FOR SELECT TO solarhub_auth USING (true);

CREATE POLICY auth ON public.notifications FOR SELECT TO solarhub_auth USING (true);

CREATE POLICY auth ON public.organization_members FOR SELECT TO solarhub_auth USING (true);

CREATE POLICY auth ON public.organizations FOR SELECT TO solarhub_auth USING (true);

CREATE POLICY auth ON public.site_grants FOR SELECT TO solarhub_auth USING (true);

CREATE POLICY auth ON public.site_handovers FOR SELECT TO solarhub_auth USING (true);

CREATE POLICY auth ON public.sites FOR SELECT TO solarhub_auth USING (true);

CREATE POLICY auth_adds ON public.audit_entries FOR INSERT TO solarhub_auth WITH CHECK ((organization_id IS NULL));

CREATE POLICY auth_adds ON public.notifications FOR INSERT TO solarhub_auth WITH CHECK ((organization_id IS NULL));

CREATE POLICY auth_touches ON public.api_keys FOR UPDATE TO solarhub_auth USING (true) WITH CHECK (true);

ALTER TABLE public.custom_metrics ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.device_claim_requests ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.device_claims ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.device_state ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.device_tokens ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.devices ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.energy_corrections ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.found_announcements ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.found_senders ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.history_import_parts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.history_imports ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.idempotent_answers ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.notifications ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.organization_logos ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.organization_members ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.organizations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.raw_messages ENABLE ROW LEVEL SECURITY;

CREATE POLICY reader ON public.devices FOR SELECT TO solarhub_owner USING ((organization_id = ( SELECT r.organization_id
   FROM public.reader_roles r
  WHERE (r.role_name = CURRENT_USER))));

CREATE POLICY reader ON public.energy_corrections FOR SELECT TO solarhub_owner USING ((organization_id = ( SELECT r.organization_id
   FROM public.reader_roles r
  WHERE (r.role_name = CURRENT_USER))));

CREATE POLICY reader ON public.reader_roles FOR SELECT TO solarhub_owner USING ((role_name = CURRENT_USER));

CREATE POLICY reader ON public.rollup_days FOR SELECT TO solarhub_owner USING ((organization_key = ( SELECT r.organization_key
   FROM public.reader_roles r
  WHERE (r.role_name = CURRENT_USER))));

CREATE POLICY reader ON public.rollup_gaps FOR SELECT TO solarhub_owner USING ((organization_key = ( SELECT r.organization_key
   FROM public.reader_roles r
  WHERE (r.role_name = CURRENT_USER))));

CREATE POLICY reader ON public.rollup_hours FOR SELECT TO solarhub_owner USING ((organization_key = ( SELECT r.organization_key
   FROM public.reader_roles r
  WHERE (r.role_name = CURRENT_USER))));

CREATE POLICY reader ON public.rollup_months FOR SELECT TO solarhub_owner USING ((organization_key = ( SELECT r.organization_key
   FROM public.reader_roles r
  WHERE (r.role_name = CURRENT_USER))));

CREATE POLICY reader ON public.rollup_quarters FOR SELECT TO solarhub_owner USING ((organization_key = ( SELECT r.organization_key
   FROM public.reader_roles r
  WHERE (r.role_name = CURRENT_USER))));

CREATE POLICY reader ON public.site_energy_days FOR SELECT TO solarhub_owner USING ((organization_id = ( SELECT r.organization_id
   FROM public.reader_roles r
  WHERE (r.role_name = CURRENT_USER))));

CREATE POLICY reader ON public.sites FOR SELECT TO solarhub_owner USING ((organization_id = ( SELECT r.organization_id
   FROM public.reader_roles r
  WHERE (r.role_name = CURRENT_USER))));

CREATE POLICY reader ON public.telemetry_layouts FOR SELECT TO solarhub_owner USING ((organization_key = ( SELECT r.organization_key
   FROM public.reader_roles r
  WHERE (r.role_name = CURRENT_USER))));

CREATE POLICY reader_alone ON public.devices AS RESTRICTIVE FOR SELECT TO solarhub_owner USING ((( SELECT (starts_with((CURRENT_USER)::text, 'solarhub_'::text) AND (NOT starts_with((CURRENT_USER)::text, 'solarhub_reader_'::text)))) OR (organization_id = ( SELECT r.organization_id
   FROM public.reader_roles r
  WHERE (r.role_name = CURRENT_USER)))));

CREATE POLICY reader_alone ON public.energy_corrections AS RESTRICTIVE FOR SELECT TO solarhub_owner USING ((( SELECT (starts_with((CURRENT_USER)::text, 'solarhub_'::text) AND (NOT starts_with((CURRENT_USER)::text, 'solarhub_reader_'::text)))) OR (organization_id = ( SELECT r.organization_id
   FROM public.reader_roles r
  WHERE (r.role_name = CURRENT_USER)))));

CREATE POLICY reader_alone ON public.rollup_days AS RESTRICTIVE FOR SELECT TO solarhub_owner USING ((( SELECT (starts_with((CURRENT_USER)::text, 'solarhub_'::text) AND (NOT starts_with((CURRENT_USER)::text, 'solarhub_reader_'::text)))) OR (organization_key = ( SELECT r.organization_key
   FROM public.reader_roles r
  WHERE (r.role_name = CURRENT_USER)))));

CREATE POLICY reader_alone ON public.rollup_gaps AS RESTRICTIVE FOR SELECT TO solarhub_owner USING ((( SELECT (starts_with((CURRENT_USER)::text, 'solarhub_'::text) AND (NOT starts_with((CURRENT_USER)::text, 'solarhub_reader_'::text)))) OR (organization_key = ( SELECT r.organization_key
   FROM public.reader_roles r
  WHERE (r.role_name = CURRENT_USER)))));

CREATE POLICY reader_alone ON public.rollup_hours AS RESTRICTIVE FOR SELECT TO solarhub_owner USING ((( SELECT (starts_with((CURRENT_USER)::text, 'solarhub_'::text) AND (NOT starts_with((CURRENT_USER)::text, 'solarhub_reader_'::text)))) OR (organization_key = ( SELECT r.organization_key
   FROM public.reader_roles r
  WHERE (r.role_name = CURRENT_USER)))));

CREATE POLICY reader_alone ON public.rollup_months AS RESTRICTIVE FOR SELECT TO solarhub_owner USING ((( SELECT (starts_with((CURRENT_USER)::text, 'solarhub_'::text) AND (NOT starts_with((CURRENT_USER)::text, 'solarhub_reader_'::text)))) OR (organization_key = ( SELECT r.organization_key
   FROM public.reader_roles r
  WHERE (r.role_name = CURRENT_USER)))));

CREATE POLICY reader_alone ON public.rollup_quarters AS RESTRICTIVE FOR SELECT TO solarhub_owner USING ((( SELECT (starts_with((CURRENT_USER)::text, 'solarhub_'::text) AND (NOT starts_with((CURRENT_USER)::text, 'solarhub_reader_'::text)))) OR (organization_key = ( SELECT r.organization_key
   FROM public.reader_roles r
  WHERE (r.role_name = CURRENT_USER)))));

CREATE POLICY reader_alone ON public.site_energy_days AS RESTRICTIVE FOR SELECT TO solarhub_owner USING ((( SELECT (starts_with((CURRENT_USER)::text, 'solarhub_'::text) AND (NOT starts_with((CURRENT_USER)::text, 'solarhub_reader_'::text)))) OR (organization_id = ( SELECT r.organization_id
   FROM public.reader_roles r
  WHERE (r.role_name = CURRENT_USER)))));

CREATE POLICY reader_alone ON public.sites AS RESTRICTIVE FOR SELECT TO solarhub_owner USING ((( SELECT (starts_with((CURRENT_USER)::text, 'solarhub_'::text) AND (NOT starts_with((CURRENT_USER)::text, 'solarhub_reader_'::text)))) OR (organization_id = ( SELECT r.organization_id
   FROM public.reader_roles r
  WHERE (r.role_name = CURRENT_USER)))));

CREATE POLICY reader_alone ON public.telemetry_layouts AS RESTRICTIVE FOR SELECT TO solarhub_owner USING ((( SELECT (starts_with((CURRENT_USER)::text, 'solarhub_'::text) AND (NOT starts_with((CURRENT_USER)::text, 'solarhub_reader_'::text)))) OR (organization_key = ( SELECT r.organization_key
   FROM public.reader_roles r
  WHERE (r.role_name = CURRENT_USER)))));

ALTER TABLE public.reader_roles ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_days ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_gaps ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_hours ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_months ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_quarters ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.site_energy_days ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.site_grants ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.site_handovers ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sites ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.telemetry_blocks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.telemetry_conflicts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.telemetry_layouts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.telemetry_quarantine ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.telemetry_samples ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant ON public.alert_announcements USING (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR (EXISTS ( SELECT
   FROM public.alerts a
  WHERE ((a.id = alert_announcements.alert_id) AND (a.site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[]))))))) WITH CHECK (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.host_organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) AND (EXISTS ( SELECT
   FROM public.alerts a
  WHERE ((a.id = alert_announcements.alert_id) AND (a.site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[]))))))));

CREATE POLICY tenant ON public.alert_episodes USING (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR (EXISTS ( SELECT
   FROM public.alerts a
  WHERE ((a.id = alert_episodes.alert_id) AND (a.site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[]))))))) WITH CHECK (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.host_organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) AND (EXISTS ( SELECT
   FROM public.alerts a
  WHERE ((a.id = alert_episodes.alert_id) AND (a.site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[]))))))));

CREATE POLICY tenant ON public.alert_notes USING (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR (EXISTS ( SELECT
   FROM public.alerts a
  WHERE ((a.id = alert_notes.alert_id) AND (a.site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[]))))))) WITH CHECK (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.host_organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) AND (EXISTS ( SELECT
   FROM public.alerts a
  WHERE ((a.id = alert_notes.alert_id) AND (a.site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[]))))))));

CREATE POLICY tenant ON public.alert_rule_states USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.alert_rules USING (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR (site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[])))) WITH CHECK (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.host_organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) AND (site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[])))));

CREATE POLICY tenant ON public.alerts USING (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR (site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[])))) WITH CHECK (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.host_organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) AND (site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[])))));

CREATE POLICY tenant ON public.api_keys USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.audit_entries USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR (organization_id = ANY ((( SELECT NULLIF(current_setting('app.host_organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR (organization_id IS NULL)));

CREATE POLICY tenant ON public.custom_metrics USING (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR (organization_id = ANY ((( SELECT NULLIF(current_setting('app.host_organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.device_claim_requests USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.device_claims USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.device_state USING (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR (device_id = ANY (ARRAY( SELECT d.id
   FROM public.devices d
  WHERE (d.site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[]))))))) WITH CHECK (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.host_organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) AND (device_id = ANY (ARRAY( SELECT d.id
   FROM public.devices d
  WHERE (d.site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[]))))))));

CREATE POLICY tenant ON public.device_tokens USING (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR (device_id = ANY (ARRAY( SELECT d.id
   FROM public.devices d
  WHERE (d.site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[]))))))) WITH CHECK (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.host_organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) AND (device_id = ANY (ARRAY( SELECT d.id
   FROM public.devices d
  WHERE (d.site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[]))))))));

CREATE POLICY tenant ON public.devices USING (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR (site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[])))) WITH CHECK (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.host_organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) AND (site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[])))));

CREATE POLICY tenant ON public.energy_corrections USING (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR (device_id = ANY (ARRAY( SELECT d.id
   FROM public.devices d
  WHERE (d.site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[]))))))) WITH CHECK (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.host_organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) AND (device_id = ANY (ARRAY( SELECT d.id
   FROM public.devices d
  WHERE (d.site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[]))))))));

CREATE POLICY tenant ON public.found_announcements USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.found_senders USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.history_import_parts USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.history_imports USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.notifications USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR (organization_id = ANY ((( SELECT NULLIF(current_setting('app.host_organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR (organization_id IS NULL)));

CREATE POLICY tenant ON public.organization_logos USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.organization_members USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.organizations USING ((id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.raw_messages USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.reader_roles USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.rollup_days USING ((organization_key = ANY ((( SELECT NULLIF(current_setting('app.organization_keys'::text, true), ''::text) AS "nullif"))::integer[]))) WITH CHECK ((organization_key = ANY ((( SELECT NULLIF(current_setting('app.organization_keys'::text, true), ''::text) AS "nullif"))::integer[])));

CREATE POLICY tenant ON public.rollup_gaps USING ((organization_key = ANY ((( SELECT NULLIF(current_setting('app.organization_keys'::text, true), ''::text) AS "nullif"))::integer[]))) WITH CHECK ((organization_key = ANY ((( SELECT NULLIF(current_setting('app.organization_keys'::text, true), ''::text) AS "nullif"))::integer[])));

CREATE POLICY tenant ON public.rollup_hours USING ((organization_key = ANY ((( SELECT NULLIF(current_setting('app.organization_keys'::text, true), ''::text) AS "nullif"))::integer[]))) WITH CHECK ((organization_key = ANY ((( SELECT NULLIF(current_setting('app.organization_keys'::text, true), ''::text) AS "nullif"))::integer[])));

CREATE POLICY tenant ON public.rollup_months USING ((organization_key = ANY ((( SELECT NULLIF(current_setting('app.organization_keys'::text, true), ''::text) AS "nullif"))::integer[]))) WITH CHECK ((organization_key = ANY ((( SELECT NULLIF(current_setting('app.organization_keys'::text, true), ''::text) AS "nullif"))::integer[])));

CREATE POLICY tenant ON public.rollup_quarters USING ((organization_key = ANY ((( SELECT NULLIF(current_setting('app.organization_keys'::text, true), ''::text) AS "nullif"))::integer[]))) WITH CHECK ((organization_key = ANY ((( SELECT NULLIF(current_setting('app.organization_keys'::text, true), ''::text) AS "nullif"))::integer[])));

CREATE POLICY tenant ON public.site_energy_days USING (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR (site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[])))) WITH CHECK (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.host_organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) AND (site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[])))));

CREATE POLICY tenant ON public.site_grants USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.site_handovers USING (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR (to_organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])))) WITH CHECK (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR (to_organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))));

CREATE POLICY tenant ON public.sites USING (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR (id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[])))) WITH CHECK (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.host_organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) AND (id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[])))));

CREATE POLICY tenant ON public.telemetry_blocks USING ((organization_key = ANY ((( SELECT NULLIF(current_setting('app.organization_keys'::text, true), ''::text) AS "nullif"))::integer[]))) WITH CHECK ((organization_key = ANY ((( SELECT NULLIF(current_setting('app.organization_keys'::text, true), ''::text) AS "nullif"))::integer[])));

CREATE POLICY tenant ON public.telemetry_conflicts USING (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR (device_id = ANY (ARRAY( SELECT d.id
   FROM public.devices d
  WHERE (d.site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[]))))))) WITH CHECK (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.host_organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) AND (device_id = ANY (ARRAY( SELECT d.id
   FROM public.devices d
  WHERE (d.site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[]))))))));

CREATE POLICY tenant ON public.telemetry_layouts USING ((organization_key = ANY ((( SELECT NULLIF(current_setting('app.organization_keys'::text, true), ''::text) AS "nullif"))::integer[]))) WITH CHECK ((organization_key = ANY ((( SELECT NULLIF(current_setting('app.organization_keys'::text, true), ''::text) AS "nullif"))::integer[])));

CREATE POLICY tenant ON public.telemetry_quarantine USING (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR (device_id = ANY (ARRAY( SELECT d.id
   FROM public.devices d
  WHERE (d.site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[]))))))) WITH CHECK (((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) OR ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.host_organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])) AND (device_id = ANY (ARRAY( SELECT d.id
   FROM public.devices d
  WHERE (d.site_id = ANY ((( SELECT NULLIF(current_setting('app.site_ids'::text, true), ''::text) AS "nullif"))::uuid[]))))))));

CREATE POLICY tenant ON public.telemetry_samples USING ((organization_key = ANY ((( SELECT NULLIF(current_setting('app.organization_keys'::text, true), ''::text) AS "nullif"))::integer[]))) WITH CHECK ((organization_key = ANY ((( SELECT NULLIF(current_setting('app.organization_keys'::text, true), ''::text) AS "nullif"))::integer[])));

CREATE POLICY tenant ON public.webhooks USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

ALTER TABLE public.webhooks ENABLE ROW LEVEL SECURITY;

CREATE POLICY worker ON public.alert_announcements TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.alert_episodes TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.alert_rule_states TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.alert_rules TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.alerts TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.audit_entries TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.custom_metrics TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.device_claim_requests TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.device_claims TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.device_state TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.device_tokens TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.devices TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.energy_corrections TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.found_announcements TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.found_senders TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.history_import_parts TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.history_imports TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.idempotent_answers TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.notifications TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.organization_members TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.organizations TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.raw_messages TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.rollup_days TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.rollup_gaps TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.rollup_hours TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.rollup_months TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.rollup_quarters TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.site_energy_days TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.site_grants TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.site_handovers TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.sites TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.telemetry_blocks TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.telemetry_conflicts TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.telemetry_layouts TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.telemetry_quarantine TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.telemetry_samples TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.webhooks TO solarhub_worker USING (true) WITH CHECK (true);

REVOKE ALL ON FUNCTION public.drop_telemetry_partition(day date, into_blocks boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.drop_telemetry_partition(day date, into_blocks boolean) TO solarhub_worker;

REVOKE ALL ON FUNCTION public.ensure_telemetry_partition(day date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.ensure_telemetry_partition(day date) TO solarhub_worker;

REVOKE ALL ON FUNCTION public.hand_over_site(moved uuid, receiver uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.hand_over_site(moved uuid, receiver uuid) TO solarhub_app;

REVOKE ALL ON FUNCTION public.note_telemetry_stirred() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.watch_telemetry_partition(day date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.watch_telemetry_partition(day date) TO solarhub_worker;

GRANT SELECT ON TABLE public.alembic_version TO solarhub_app;
GRANT SELECT ON TABLE public.alembic_version TO solarhub_backup;

GRANT SELECT,INSERT ON TABLE public.alert_announcements TO solarhub_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.alert_announcements TO solarhub_worker;
GRANT SELECT ON TABLE public.alert_announcements TO solarhub_backup;

GRANT SELECT ON TABLE public.alert_episodes TO solarhub_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.alert_episodes TO solarhub_worker;
GRANT SELECT ON TABLE public.alert_episodes TO solarhub_backup;

GRANT UPDATE(closed_at) ON TABLE public.alert_episodes TO solarhub_app;

GRANT SELECT,INSERT ON TABLE public.alert_notes TO solarhub_app;
GRANT SELECT ON TABLE public.alert_notes TO solarhub_backup;

GRANT SELECT,INSERT,UPDATE ON TABLE public.alert_rule_states TO solarhub_worker;
GRANT SELECT ON TABLE public.alert_rule_states TO solarhub_backup;

GRANT SELECT,INSERT,UPDATE ON TABLE public.alert_rules TO solarhub_app;
GRANT SELECT ON TABLE public.alert_rules TO solarhub_worker;
GRANT SELECT ON TABLE public.alert_rules TO solarhub_backup;

GRANT SELECT,INSERT,UPDATE ON TABLE public.alerts TO solarhub_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.alerts TO solarhub_worker;
GRANT SELECT ON TABLE public.alerts TO solarhub_backup;

GRANT INSERT ON TABLE public.api_keys TO solarhub_app;
GRANT SELECT ON TABLE public.api_keys TO solarhub_auth;
GRANT SELECT ON TABLE public.api_keys TO solarhub_backup;

GRANT SELECT(id) ON TABLE public.api_keys TO solarhub_app;

GRANT SELECT(organization_id) ON TABLE public.api_keys TO solarhub_app;

GRANT SELECT(created_by) ON TABLE public.api_keys TO solarhub_app;

GRANT SELECT(name) ON TABLE public.api_keys TO solarhub_app;

GRANT SELECT(permissions) ON TABLE public.api_keys TO solarhub_app;

GRANT SELECT(created_at) ON TABLE public.api_keys TO solarhub_app;

GRANT SELECT(expires_at) ON TABLE public.api_keys TO solarhub_app;

GRANT SELECT(last_used_at) ON TABLE public.api_keys TO solarhub_app;
GRANT UPDATE(last_used_at) ON TABLE public.api_keys TO solarhub_auth;

GRANT SELECT(revoked_at),UPDATE(revoked_at) ON TABLE public.api_keys TO solarhub_app;

GRANT SELECT,INSERT ON TABLE public.audit_entries TO solarhub_app;
GRANT SELECT,INSERT ON TABLE public.audit_entries TO solarhub_auth;
GRANT INSERT ON TABLE public.audit_entries TO solarhub_worker;
GRANT SELECT ON TABLE public.audit_entries TO solarhub_backup;

GRANT SELECT ON TABLE public.backup_runs TO solarhub_app;
GRANT SELECT,INSERT ON TABLE public.backup_runs TO solarhub_worker;
GRANT SELECT ON TABLE public.backup_runs TO solarhub_backup;

GRANT SELECT ON SEQUENCE public.backup_runs_id_seq TO solarhub_backup;

GRANT SELECT,INSERT,UPDATE ON TABLE public.custom_metrics TO solarhub_app;
GRANT SELECT ON TABLE public.custom_metrics TO solarhub_worker;
GRANT SELECT ON TABLE public.custom_metrics TO solarhub_backup;

GRANT SELECT,INSERT,UPDATE ON TABLE public.device_claim_requests TO solarhub_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.device_claim_requests TO solarhub_worker;
GRANT SELECT ON TABLE public.device_claim_requests TO solarhub_backup;

GRANT SELECT,INSERT,UPDATE ON TABLE public.device_claims TO solarhub_app;
GRANT SELECT,UPDATE ON TABLE public.device_claims TO solarhub_worker;
GRANT SELECT ON TABLE public.device_claims TO solarhub_backup;

GRANT SELECT ON TABLE public.device_state TO solarhub_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.device_state TO solarhub_worker;
GRANT SELECT ON TABLE public.device_state TO solarhub_backup;

GRANT INSERT ON TABLE public.device_tokens TO solarhub_app;
GRANT SELECT ON TABLE public.device_tokens TO solarhub_auth;
GRANT SELECT ON TABLE public.device_tokens TO solarhub_backup;
GRANT SELECT ON TABLE public.device_tokens TO solarhub_worker;

GRANT SELECT(id) ON TABLE public.device_tokens TO solarhub_app;

GRANT SELECT(organization_id) ON TABLE public.device_tokens TO solarhub_app;

GRANT SELECT(device_id) ON TABLE public.device_tokens TO solarhub_app;

GRANT SELECT(created_at) ON TABLE public.device_tokens TO solarhub_app;

GRANT SELECT(revoked_at),UPDATE(revoked_at) ON TABLE public.device_tokens TO solarhub_app;
GRANT UPDATE(revoked_at) ON TABLE public.device_tokens TO solarhub_worker;

GRANT SELECT(expires_at),UPDATE(expires_at) ON TABLE public.device_tokens TO solarhub_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.devices TO solarhub_app;
GRANT SELECT ON TABLE public.devices TO solarhub_worker;
GRANT SELECT ON TABLE public.devices TO solarhub_backup;

GRANT SELECT(id) ON TABLE public.devices TO solarhub_auth;

GRANT SELECT(device_key) ON TABLE public.devices TO solarhub_auth;

GRANT SELECT(organization_id) ON TABLE public.devices TO solarhub_auth;

GRANT SELECT(name) ON TABLE public.devices TO solarhub_auth;

GRANT UPDATE(serial_number) ON TABLE public.devices TO solarhub_worker;
GRANT SELECT(serial_number) ON TABLE public.devices TO solarhub_auth;

GRANT UPDATE(connection_config) ON TABLE public.devices TO solarhub_worker;

GRANT UPDATE(status) ON TABLE public.devices TO solarhub_worker;

GRANT UPDATE(last_seen_at) ON TABLE public.devices TO solarhub_worker;

GRANT UPDATE(last_error) ON TABLE public.devices TO solarhub_worker;

GRANT SELECT(metadata) ON TABLE public.devices TO solarhub_auth;

GRANT SELECT(removed_at) ON TABLE public.devices TO solarhub_auth;
GRANT UPDATE(removed_at) ON TABLE public.devices TO solarhub_worker;

GRANT SELECT(version) ON TABLE public.devices TO solarhub_auth;

GRANT UPDATE(maintenance_until) ON TABLE public.devices TO solarhub_worker;

GRANT SELECT(gateway_id) ON TABLE public.devices TO solarhub_auth;

GRANT SELECT ON SEQUENCE public.devices_device_key_seq TO solarhub_backup;

GRANT SELECT ON TABLE public.discos TO solarhub_app;
GRANT SELECT ON TABLE public.discos TO solarhub_worker;
GRANT SELECT ON TABLE public.discos TO solarhub_backup;

GRANT SELECT,INSERT ON TABLE public.energy_corrections TO solarhub_app;
GRANT SELECT ON TABLE public.energy_corrections TO solarhub_worker;
GRANT SELECT ON TABLE public.energy_corrections TO solarhub_backup;

GRANT UPDATE(undone_by) ON TABLE public.energy_corrections TO solarhub_app;

GRANT UPDATE(undone_at) ON TABLE public.energy_corrections TO solarhub_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.evaluation_calls TO solarhub_worker;
GRANT SELECT ON TABLE public.evaluation_calls TO solarhub_backup;

GRANT SELECT ON SEQUENCE public.evaluation_calls_id_seq TO solarhub_backup;

GRANT SELECT,DELETE ON TABLE public.evaluation_edits TO solarhub_worker;
GRANT SELECT ON TABLE public.evaluation_edits TO solarhub_backup;

GRANT INSERT(kind) ON TABLE public.evaluation_edits TO solarhub_app;
GRANT INSERT(kind) ON TABLE public.evaluation_edits TO solarhub_worker;

GRANT INSERT(object_id) ON TABLE public.evaluation_edits TO solarhub_app;
GRANT INSERT(object_id) ON TABLE public.evaluation_edits TO solarhub_worker;

GRANT SELECT ON SEQUENCE public.evaluation_edits_id_seq TO solarhub_backup;

GRANT SELECT,INSERT,UPDATE ON TABLE public.evaluation_leases TO solarhub_worker;
GRANT SELECT ON TABLE public.evaluation_leases TO solarhub_backup;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.evaluation_positions TO solarhub_worker;
GRANT SELECT ON TABLE public.evaluation_positions TO solarhub_backup;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.evaluators TO solarhub_worker;
GRANT SELECT ON TABLE public.evaluators TO solarhub_backup;

GRANT SELECT ON TABLE public.found_announcements TO solarhub_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.found_announcements TO solarhub_worker;
GRANT SELECT ON TABLE public.found_announcements TO solarhub_backup;

GRANT SELECT ON TABLE public.found_senders TO solarhub_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.found_senders TO solarhub_worker;
GRANT SELECT ON TABLE public.found_senders TO solarhub_backup;

GRANT UPDATE(device_id) ON TABLE public.found_senders TO solarhub_app;

GRANT UPDATE(adopted_at) ON TABLE public.found_senders TO solarhub_app;

GRANT UPDATE(time_zone) ON TABLE public.found_senders TO solarhub_app;

GRANT UPDATE(ignored_at) ON TABLE public.found_senders TO solarhub_app;

GRANT UPDATE(replay_from) ON TABLE public.found_senders TO solarhub_app;

GRANT UPDATE(replay_asked_at) ON TABLE public.found_senders TO solarhub_app;

GRANT SELECT ON TABLE public.history_import_parts TO solarhub_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.history_import_parts TO solarhub_worker;
GRANT SELECT ON TABLE public.history_import_parts TO solarhub_backup;

GRANT SELECT,INSERT ON TABLE public.history_imports TO solarhub_app;
GRANT SELECT ON TABLE public.history_imports TO solarhub_worker;
GRANT SELECT ON TABLE public.history_imports TO solarhub_backup;

GRANT UPDATE(finished_at) ON TABLE public.history_imports TO solarhub_app;

GRANT UPDATE(rows) ON TABLE public.history_imports TO solarhub_app;

GRANT UPDATE(refused) ON TABLE public.history_imports TO solarhub_app;

GRANT UPDATE(refused_values) ON TABLE public.history_imports TO solarhub_app;

GRANT UPDATE(undone_by) ON TABLE public.history_imports TO solarhub_app;

GRANT UPDATE(undone_at) ON TABLE public.history_imports TO solarhub_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.idempotent_answers TO solarhub_app;
GRANT DELETE ON TABLE public.idempotent_answers TO solarhub_worker;
GRANT SELECT ON TABLE public.idempotent_answers TO solarhub_backup;

GRANT SELECT(actor_id) ON TABLE public.idempotent_answers TO solarhub_worker;

GRANT SELECT(key) ON TABLE public.idempotent_answers TO solarhub_worker;

GRANT SELECT(created_at) ON TABLE public.idempotent_answers TO solarhub_worker;

GRANT SELECT,INSERT,DELETE ON TABLE public.mqtt_arrivals TO solarhub_worker;
GRANT SELECT ON TABLE public.mqtt_arrivals TO solarhub_backup;

GRANT SELECT,INSERT ON TABLE public.mqtt_identity TO solarhub_worker;
GRANT SELECT ON TABLE public.mqtt_identity TO solarhub_backup;

GRANT INSERT ON TABLE public.notifications TO solarhub_app;
GRANT SELECT,INSERT ON TABLE public.notifications TO solarhub_auth;
GRANT SELECT,INSERT,UPDATE ON TABLE public.notifications TO solarhub_worker;
GRANT SELECT ON TABLE public.notifications TO solarhub_backup;

GRANT SELECT(id) ON TABLE public.notifications TO solarhub_app;

GRANT SELECT(organization_id) ON TABLE public.notifications TO solarhub_app;

GRANT SELECT(user_id) ON TABLE public.notifications TO solarhub_app;

GRANT SELECT(channel) ON TABLE public.notifications TO solarhub_app;

GRANT SELECT(recipient) ON TABLE public.notifications TO solarhub_app;

GRANT SELECT(event) ON TABLE public.notifications TO solarhub_app;

GRANT SELECT(subject_id) ON TABLE public.notifications TO solarhub_app;

GRANT SELECT(content) ON TABLE public.notifications TO solarhub_app;

GRANT SELECT(state) ON TABLE public.notifications TO solarhub_app;

GRANT SELECT(attempts) ON TABLE public.notifications TO solarhub_app;

GRANT SELECT(not_before) ON TABLE public.notifications TO solarhub_app;

GRANT SELECT(provider_id) ON TABLE public.notifications TO solarhub_app;

GRANT SELECT(last_error) ON TABLE public.notifications TO solarhub_app;

GRANT SELECT(created_at) ON TABLE public.notifications TO solarhub_app;

GRANT SELECT(settled_at) ON TABLE public.notifications TO solarhub_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.organization_logos TO solarhub_app;
GRANT SELECT ON TABLE public.organization_logos TO solarhub_backup;

GRANT SELECT,INSERT,UPDATE ON TABLE public.organization_members TO solarhub_app;
GRANT SELECT ON TABLE public.organization_members TO solarhub_backup;
GRANT SELECT ON TABLE public.organization_members TO solarhub_auth;
GRANT SELECT ON TABLE public.organization_members TO solarhub_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.organizations TO solarhub_app;
GRANT SELECT ON TABLE public.organizations TO solarhub_worker;
GRANT SELECT ON TABLE public.organizations TO solarhub_backup;

GRANT SELECT(id) ON TABLE public.organizations TO solarhub_auth;

GRANT SELECT(organization_key) ON TABLE public.organizations TO solarhub_auth;

GRANT SELECT(owner_id) ON TABLE public.organizations TO solarhub_auth;

GRANT SELECT(name) ON TABLE public.organizations TO solarhub_auth;

GRANT SELECT(slug) ON TABLE public.organizations TO solarhub_auth;

GRANT SELECT(logo_url) ON TABLE public.organizations TO solarhub_auth;

GRANT SELECT(status) ON TABLE public.organizations TO solarhub_auth;

GRANT SELECT(settings) ON TABLE public.organizations TO solarhub_auth;

GRANT SELECT(removed_at) ON TABLE public.organizations TO solarhub_auth;

GRANT SELECT ON SEQUENCE public.organizations_organization_key_seq TO solarhub_backup;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.raw_messages TO solarhub_worker;
GRANT SELECT ON TABLE public.raw_messages TO solarhub_backup;

GRANT SELECT ON SEQUENCE public.raw_messages_id_seq TO solarhub_backup;

GRANT SELECT ON TABLE public.reader_roles TO solarhub_backup;

GRANT INSERT ON TABLE public.rollup_clocks_todo TO solarhub_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rollup_clocks_todo TO solarhub_worker;
GRANT SELECT ON TABLE public.rollup_clocks_todo TO solarhub_backup;

GRANT SELECT ON TABLE public.rollup_days TO solarhub_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rollup_days TO solarhub_worker;
GRANT SELECT ON TABLE public.rollup_days TO solarhub_backup;

GRANT INSERT ON TABLE public.rollup_days_todo TO solarhub_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rollup_days_todo TO solarhub_worker;
GRANT SELECT ON TABLE public.rollup_days_todo TO solarhub_backup;

GRANT SELECT ON TABLE public.rollup_gaps TO solarhub_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rollup_gaps TO solarhub_worker;
GRANT SELECT ON TABLE public.rollup_gaps TO solarhub_backup;

GRANT SELECT ON TABLE public.rollup_hours TO solarhub_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rollup_hours TO solarhub_worker;
GRANT SELECT ON TABLE public.rollup_hours TO solarhub_backup;

GRANT SELECT ON TABLE public.rollup_months TO solarhub_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rollup_months TO solarhub_worker;
GRANT SELECT ON TABLE public.rollup_months TO solarhub_backup;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rollup_months_todo TO solarhub_worker;
GRANT SELECT ON TABLE public.rollup_months_todo TO solarhub_backup;

GRANT SELECT ON TABLE public.rollup_quarters TO solarhub_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rollup_quarters TO solarhub_worker;
GRANT SELECT ON TABLE public.rollup_quarters TO solarhub_backup;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rollup_todo TO solarhub_worker;
GRANT SELECT ON TABLE public.rollup_todo TO solarhub_backup;

GRANT SELECT ON TABLE public.site_energy_days TO solarhub_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.site_energy_days TO solarhub_worker;
GRANT SELECT ON TABLE public.site_energy_days TO solarhub_backup;

GRANT SELECT,INSERT,UPDATE ON TABLE public.site_grants TO solarhub_app;
GRANT SELECT ON TABLE public.site_grants TO solarhub_auth;
GRANT SELECT ON TABLE public.site_grants TO solarhub_worker;
GRANT SELECT ON TABLE public.site_grants TO solarhub_backup;

GRANT SELECT,INSERT,UPDATE ON TABLE public.site_handovers TO solarhub_app;
GRANT SELECT ON TABLE public.site_handovers TO solarhub_auth;
GRANT SELECT,UPDATE ON TABLE public.site_handovers TO solarhub_worker;
GRANT SELECT ON TABLE public.site_handovers TO solarhub_backup;

GRANT SELECT,INSERT,UPDATE ON TABLE public.sites TO solarhub_app;
GRANT SELECT ON TABLE public.sites TO solarhub_worker;
GRANT SELECT ON TABLE public.sites TO solarhub_backup;

GRANT SELECT(id) ON TABLE public.sites TO solarhub_auth;

GRANT SELECT(organization_id) ON TABLE public.sites TO solarhub_auth;

GRANT SELECT(name) ON TABLE public.sites TO solarhub_auth;

GRANT UPDATE(status) ON TABLE public.sites TO solarhub_worker;

GRANT SELECT(removed_at) ON TABLE public.sites TO solarhub_auth;

GRANT UPDATE(maintenance_until) ON TABLE public.sites TO solarhub_worker;

GRANT SELECT ON TABLE public.telemetry_blocks TO solarhub_app;
GRANT SELECT ON TABLE public.telemetry_blocks TO solarhub_backup;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.telemetry_blocks TO solarhub_worker;

GRANT SELECT ON TABLE public.telemetry_cold_days TO solarhub_backup;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.telemetry_cold_days TO solarhub_worker;

GRANT SELECT ON TABLE public.telemetry_conflicts TO solarhub_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.telemetry_conflicts TO solarhub_worker;
GRANT SELECT ON TABLE public.telemetry_conflicts TO solarhub_backup;

GRANT SELECT ON TABLE public.telemetry_layouts TO solarhub_app;
GRANT SELECT,INSERT ON TABLE public.telemetry_layouts TO solarhub_worker;
GRANT SELECT ON TABLE public.telemetry_layouts TO solarhub_backup;

GRANT SELECT ON SEQUENCE public.telemetry_layouts_id_seq TO solarhub_backup;

GRANT SELECT,INSERT,UPDATE ON TABLE public.telemetry_mark_epoch TO solarhub_worker;
GRANT SELECT ON TABLE public.telemetry_mark_epoch TO solarhub_backup;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.telemetry_marks TO solarhub_worker;
GRANT SELECT ON TABLE public.telemetry_marks TO solarhub_backup;

GRANT SELECT ON TABLE public.telemetry_quarantine TO solarhub_app;
GRANT SELECT,INSERT ON TABLE public.telemetry_quarantine TO solarhub_worker;
GRANT SELECT ON TABLE public.telemetry_quarantine TO solarhub_backup;

GRANT UPDATE(replayed_at) ON TABLE public.telemetry_quarantine TO solarhub_worker;

GRANT SELECT ON SEQUENCE public.telemetry_quarantine_id_seq TO solarhub_backup;

GRANT SELECT ON TABLE public.telemetry_samples TO solarhub_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.telemetry_samples TO solarhub_worker;
GRANT SELECT ON TABLE public.telemetry_samples TO solarhub_backup;

GRANT UPDATE(organization_key) ON TABLE public.telemetry_samples TO solarhub_worker;

GRANT UPDATE(layout_id) ON TABLE public.telemetry_samples TO solarhub_worker;

GRANT SELECT ON TABLE public.telemetry_stirred TO solarhub_backup;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.telemetry_stirred TO solarhub_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.throttles TO solarhub_auth;
GRANT SELECT ON TABLE public.throttles TO solarhub_backup;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_links TO solarhub_auth;
GRANT SELECT ON TABLE public.user_links TO solarhub_backup;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_recovery_codes TO solarhub_auth;
GRANT SELECT ON TABLE public.user_recovery_codes TO solarhub_backup;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_second_factors TO solarhub_auth;
GRANT SELECT ON TABLE public.user_second_factors TO solarhub_backup;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_sessions TO solarhub_auth;
GRANT SELECT ON TABLE public.user_sessions TO solarhub_backup;

GRANT INSERT,UPDATE ON TABLE public.users TO solarhub_app;
GRANT SELECT ON TABLE public.users TO solarhub_auth;
GRANT SELECT ON TABLE public.users TO solarhub_backup;

GRANT SELECT(id) ON TABLE public.users TO solarhub_app;
GRANT SELECT(id) ON TABLE public.users TO solarhub_worker;

GRANT SELECT(email) ON TABLE public.users TO solarhub_app;
GRANT UPDATE(email) ON TABLE public.users TO solarhub_auth;
GRANT SELECT(email) ON TABLE public.users TO solarhub_worker;

GRANT SELECT(phone) ON TABLE public.users TO solarhub_app;
GRANT UPDATE(phone) ON TABLE public.users TO solarhub_auth;
GRANT SELECT(phone) ON TABLE public.users TO solarhub_worker;

GRANT UPDATE(password_hash) ON TABLE public.users TO solarhub_auth;

GRANT SELECT(first_name) ON TABLE public.users TO solarhub_app;
GRANT UPDATE(first_name) ON TABLE public.users TO solarhub_auth;
GRANT SELECT(first_name) ON TABLE public.users TO solarhub_worker;

GRANT SELECT(last_name) ON TABLE public.users TO solarhub_app;
GRANT UPDATE(last_name) ON TABLE public.users TO solarhub_auth;
GRANT SELECT(last_name) ON TABLE public.users TO solarhub_worker;

GRANT SELECT(role) ON TABLE public.users TO solarhub_app;
GRANT SELECT(role) ON TABLE public.users TO solarhub_worker;

GRANT SELECT(is_active) ON TABLE public.users TO solarhub_app;
GRANT UPDATE(is_active) ON TABLE public.users TO solarhub_auth;
GRANT SELECT(is_active) ON TABLE public.users TO solarhub_worker;

GRANT SELECT(is_verified) ON TABLE public.users TO solarhub_app;
GRANT UPDATE(is_verified) ON TABLE public.users TO solarhub_auth;
GRANT SELECT(is_verified) ON TABLE public.users TO solarhub_worker;

GRANT SELECT(preferences) ON TABLE public.users TO solarhub_app;
GRANT UPDATE(preferences) ON TABLE public.users TO solarhub_auth;
GRANT SELECT(preferences) ON TABLE public.users TO solarhub_worker;

GRANT SELECT(removed_at) ON TABLE public.users TO solarhub_app;
GRANT SELECT(removed_at) ON TABLE public.users TO solarhub_worker;

GRANT SELECT(created_at) ON TABLE public.users TO solarhub_app;

GRANT SELECT(updated_at) ON TABLE public.users TO solarhub_app;

GRANT SELECT(version) ON TABLE public.users TO solarhub_app;

GRANT SELECT ON TABLE public.v_active_alerts_summary TO solarhub_app;
GRANT SELECT ON TABLE public.v_active_alerts_summary TO solarhub_backup;

GRANT SELECT ON TABLE public.v_device_status_summary TO solarhub_app;
GRANT SELECT ON TABLE public.v_device_status_summary TO solarhub_backup;

GRANT SELECT ON TABLE public.v_energy_correction TO solarhub_backup;

GRANT SELECT ON TABLE public.v_energy_day TO solarhub_backup;

GRANT SELECT ON TABLE public.v_energy_gap TO solarhub_backup;

GRANT SELECT ON TABLE public.v_rollup_15m TO solarhub_backup;

GRANT SELECT ON TABLE public.v_rollup_day TO solarhub_backup;

GRANT SELECT ON TABLE public.v_rollup_hour TO solarhub_backup;

GRANT SELECT ON TABLE public.v_rollup_month TO solarhub_backup;

GRANT SELECT ON TABLE public.v_site_capacity TO solarhub_app;
GRANT SELECT ON TABLE public.v_site_capacity TO solarhub_backup;

GRANT SELECT ON TABLE public.v_site_energy_day TO solarhub_backup;

GRANT SELECT,INSERT,UPDATE ON TABLE public.webhooks TO solarhub_app;
GRANT SELECT ON TABLE public.webhooks TO solarhub_worker;
GRANT SELECT ON TABLE public.webhooks TO solarhub_backup;

GRANT UPDATE(is_active) ON TABLE public.webhooks TO solarhub_worker;

ALTER DEFAULT PRIVILEGES FOR ROLE solarhub_owner IN SCHEMA public GRANT SELECT ON SEQUENCES TO solarhub_backup;

ALTER DEFAULT PRIVILEGES FOR ROLE solarhub_owner IN SCHEMA public GRANT SELECT ON TABLES TO solarhub_backup;

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
        IF pg_catalog.to_regclass('public.' || partition) IS NULL THEN
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

CREATE FUNCTION public.set_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

ALTER FUNCTION public.set_updated_at() OWNER TO solarhub_owner;

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);

ALTER TABLE public.alembic_version OWNER TO solarhub_owner;

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
    CONSTRAINT ck_devices_connection_config CHECK (((jsonb_typeof(connection_config) = 'object'::text) AND (NOT (connection_config @? 'strict $."port"?((@.type() != "number" || @ < 1) || @ > 65535)'::jsonpath)) AND (NOT (connection_config @? 'strict $."slave_id"?((@.type() != "number" || @ < 0) || @ > 255)'::jsonpath)) AND (NOT (connection_config @? 'strict $."timeout_seconds"?(@.type() != "number" || @ <= 0)'::jsonpath)))),
    CONSTRAINT ck_devices_metadata CHECK (((jsonb_typeof(metadata) = 'object'::text) AND (NOT (metadata @? 'strict $."reporting_interval_seconds"?((@.type() != "number" || @ <= 0) || @ > 86400)'::jsonpath)))),
    CONSTRAINT ck_devices_name CHECK (((length(name) >= 1) AND (length(name) <= 200))),
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

CREATE TABLE public.evaluation_leases (
    shard integer NOT NULL,
    owner text NOT NULL,
    leased_until timestamp with time zone NOT NULL
);

ALTER TABLE public.evaluation_leases OWNER TO solarhub_owner;

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
    version integer DEFAULT 1 NOT NULL
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
    CONSTRAINT ck_sites_address CHECK ((jsonb_typeof(address) = 'object'::text)),
    CONSTRAINT ck_sites_configuration CHECK (((jsonb_typeof(configuration) = 'object'::text) AND (NOT (configuration @? 'strict $."system_capacity_kw"?(@.type() != "number" || @ <= 0)'::jsonpath)) AND (NOT (configuration @? 'strict $."inverter_capacity_kw"?(@.type() != "number" || @ <= 0)'::jsonpath)) AND (NOT (configuration @? 'strict $."battery_capacity_kwh"?(@.type() != "number" || @ < 0)'::jsonpath)) AND (NOT (configuration @? 'strict $."panel_count"?(@.type() != "number" || @ < 0)'::jsonpath)) AND (NOT (configuration @? 'strict $."panel_wattage"?(@.type() != "number" || @ <= 0)'::jsonpath)) AND (NOT (configuration @? 'strict $."sanctioned_load_kw"?(@.type() != "number" || @ <= 0)'::jsonpath)) AND (NOT (configuration @? 'strict $."approved_export_kw"?(@.type() != "number" || @ < 0)'::jsonpath)) AND (NOT (configuration @? 'strict $."generator_kva"?(@.type() != "number" || @ < 0)'::jsonpath)) AND (NOT (configuration @? 'strict $."tilt_deg"?((@.type() != "number" || @ < 0) || @ > 90)'::jsonpath)) AND (NOT (configuration @? 'strict $."azimuth_deg"?((@.type() != "number" || @ < 0) || @ > 360)'::jsonpath)) AND (NOT (configuration @? 'strict $."grid_connected"?(@.type() != "boolean")'::jsonpath)) AND (NOT (configuration @? 'strict $."net_metering_enabled"?(@.type() != "boolean")'::jsonpath)) AND (NOT (configuration @? 'strict $."plant_kind"?((@ != "on_grid" && @ != "hybrid") && @ != "off_grid")'::jsonpath)) AND (NOT (configuration @? 'strict $."export_mode"?(((@ != "full" && @ != "limited") && @ != "zero") && @ != "none")'::jsonpath)) AND (NOT (configuration @? 'strict $."phases"?(@ != 1 && @ != 3)'::jsonpath)))),
    CONSTRAINT ck_sites_latitude CHECK (((latitude >= ('-90'::integer)::double precision) AND (latitude <= (90)::double precision))),
    CONSTRAINT ck_sites_longitude CHECK (((longitude >= ('-180'::integer)::double precision) AND (longitude <= (180)::double precision))),
    CONSTRAINT ck_sites_name CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT ck_sites_timezone CHECK ((('2024-01-01 00:00:00+00'::timestamp with time zone AT TIME ZONE timezone) IS NOT NULL))
);

ALTER TABLE ONLY public.sites FORCE ROW LEVEL SECURITY;

ALTER TABLE public.sites OWNER TO solarhub_owner;

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

CREATE TABLE public.telemetry_quarantine (
    id bigint NOT NULL,
    organization_id uuid NOT NULL,
    device_id uuid NOT NULL,
    received_at timestamp with time zone NOT NULL,
    at timestamp with time zone,
    metric text,
    reason text NOT NULL,
    raw text NOT NULL,
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
    readings double precision[] NOT NULL
)
PARTITION BY RANGE (at);

ALTER TABLE ONLY public.telemetry_samples FORCE ROW LEVEL SECURITY;

ALTER TABLE public.telemetry_samples OWNER TO solarhub_owner;

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

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY public.alert_episodes
    ADD CONSTRAINT pk_alert_episodes PRIMARY KEY (alert_id);

ALTER TABLE ONLY public.alert_rule_states
    ADD CONSTRAINT pk_alert_rule_states PRIMARY KEY (rule_id, target);

ALTER TABLE ONLY public.alert_rules
    ADD CONSTRAINT pk_alert_rules PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT pk_alerts PRIMARY KEY (id);

ALTER TABLE ONLY public.device_state
    ADD CONSTRAINT pk_device_state PRIMARY KEY (device_id);

ALTER TABLE ONLY public.device_tokens
    ADD CONSTRAINT pk_device_tokens PRIMARY KEY (id);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT pk_devices PRIMARY KEY (id);

ALTER TABLE ONLY public.discos
    ADD CONSTRAINT pk_discos PRIMARY KEY (code);

ALTER TABLE ONLY public.evaluation_leases
    ADD CONSTRAINT pk_evaluation_leases PRIMARY KEY (shard);

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT pk_organization_members PRIMARY KEY (id);

ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT pk_organizations PRIMARY KEY (id);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT pk_sites PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_layouts
    ADD CONSTRAINT pk_telemetry_layouts PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_quarantine
    ADD CONSTRAINT pk_telemetry_quarantine PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_samples
    ADD CONSTRAINT pk_telemetry_samples PRIMARY KEY (device_key, at);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT pk_users PRIMARY KEY (id);

ALTER TABLE ONLY public.alert_episodes
    ADD CONSTRAINT uq_alert_episodes_rule_id_target_streak_started_at UNIQUE (rule_id, target, streak_started_at);

ALTER TABLE ONLY public.alert_rules
    ADD CONSTRAINT uq_alert_rules_organization_id_id UNIQUE (organization_id, id);

ALTER TABLE ONLY public.device_state
    ADD CONSTRAINT uq_device_state_device_key UNIQUE (device_key);

ALTER TABLE ONLY public.device_tokens
    ADD CONSTRAINT uq_device_tokens_token_sha256 UNIQUE (token_sha256);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT uq_devices_device_key UNIQUE (device_key);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT uq_devices_organization_id_id UNIQUE (organization_id, id);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT uq_devices_serial_number UNIQUE (serial_number);

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT uq_organization_members_invitation_token UNIQUE (invitation_token);

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT uq_organization_members_organization_id_user_id UNIQUE (organization_id, user_id);

ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT uq_organizations_organization_key UNIQUE (organization_key);

ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT uq_organizations_slug UNIQUE (slug);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT uq_sites_organization_id_id UNIQUE (organization_id, id);

ALTER TABLE ONLY public.telemetry_layouts
    ADD CONSTRAINT uq_telemetry_layouts_organization_key_series_sha256 UNIQUE (organization_key, series_sha256);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT uq_users_email UNIQUE (email);

CREATE INDEX ix_alert_episodes_organization_id ON public.alert_episodes USING btree (organization_id);

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

CREATE INDEX ix_device_state_organization_id_device_id ON public.device_state USING btree (organization_id, device_id);

CREATE INDEX ix_device_tokens_organization_id_device_id ON public.device_tokens USING btree (organization_id, device_id);

CREATE INDEX ix_devices_connection_config ON public.devices USING gin (connection_config);

CREATE INDEX ix_devices_last_seen_at ON public.devices USING btree (last_seen_at);

CREATE INDEX ix_devices_metadata ON public.devices USING gin (metadata);

CREATE INDEX ix_devices_online ON public.devices USING btree (last_seen_at) WHERE (status = 'online'::public.device_status);

CREATE INDEX ix_devices_organization_id_name_id ON public.devices USING btree (organization_id, name, id);

CREATE INDEX ix_devices_site_id_organization_id ON public.devices USING btree (site_id, organization_id);

CREATE INDEX ix_devices_status ON public.devices USING btree (status);

CREATE INDEX ix_organization_members_user_id ON public.organization_members USING btree (user_id);

CREATE INDEX ix_organizations_owner_id ON public.organizations USING btree (owner_id);

CREATE INDEX ix_organizations_settings ON public.organizations USING gin (settings);

CREATE INDEX ix_sites_address ON public.sites USING gin (address);

CREATE INDEX ix_sites_configuration ON public.sites USING gin (configuration);

CREATE INDEX ix_sites_disco_code ON public.sites USING btree (disco_code);

CREATE INDEX ix_telemetry_quarantine_device_id ON public.telemetry_quarantine USING btree (device_id);

CREATE INDEX ix_telemetry_quarantine_organization_id_received_at ON public.telemetry_quarantine USING btree (organization_id, received_at);

CREATE INDEX ix_users_preferences ON public.users USING gin (preferences);

CREATE UNIQUE INDEX uq_alert_episodes_open ON public.alert_episodes USING btree (rule_id, target) WHERE (closed_at IS NULL);

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

CREATE TRIGGER increment_version BEFORE UPDATE ON public.alert_rules FOR EACH ROW EXECUTE FUNCTION public.increment_version();

CREATE TRIGGER increment_version BEFORE UPDATE ON public.alerts FOR EACH ROW EXECUTE FUNCTION public.increment_version('machine writes exempt');

CREATE TRIGGER increment_version BEFORE UPDATE ON public.devices FOR EACH ROW EXECUTE FUNCTION public.increment_version('machine writes exempt');

CREATE TRIGGER increment_version BEFORE UPDATE ON public.organization_members FOR EACH ROW EXECUTE FUNCTION public.increment_version();

CREATE TRIGGER increment_version BEFORE UPDATE ON public.organizations FOR EACH ROW EXECUTE FUNCTION public.increment_version();

CREATE TRIGGER increment_version BEFORE UPDATE ON public.sites FOR EACH ROW EXECUTE FUNCTION public.increment_version();

CREATE TRIGGER increment_version BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.increment_version();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.alert_rules FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.alerts FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.devices FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.organization_members FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.organizations FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.sites FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();

ALTER TABLE ONLY public.alert_episodes
    ADD CONSTRAINT fk_alert_episodes_organization_id_rule_id_alert_rules FOREIGN KEY (organization_id, rule_id) REFERENCES public.alert_rules(organization_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.alert_rule_states
    ADD CONSTRAINT fk_alert_rule_states_organization_id_device_id_devices FOREIGN KEY (organization_id, device_id) REFERENCES public.devices(organization_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.alert_rule_states
    ADD CONSTRAINT fk_alert_rule_states_organization_id_rule_id_alert_rules FOREIGN KEY (organization_id, rule_id) REFERENCES public.alert_rules(organization_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.alert_rules
    ADD CONSTRAINT fk_alert_rules_organization_id_organizations FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.alert_rules
    ADD CONSTRAINT fk_alert_rules_organization_id_site_id_sites FOREIGN KEY (organization_id, site_id) REFERENCES public.sites(organization_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT fk_alerts_acknowledged_by_users FOREIGN KEY (acknowledged_by) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT fk_alerts_organization_id_device_id_devices FOREIGN KEY (organization_id, device_id) REFERENCES public.devices(organization_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT fk_alerts_organization_id_organizations FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT fk_alerts_organization_id_rule_id_alert_rules FOREIGN KEY (organization_id, rule_id) REFERENCES public.alert_rules(organization_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT fk_alerts_organization_id_site_id_sites FOREIGN KEY (organization_id, site_id) REFERENCES public.sites(organization_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT fk_alerts_resolved_by_users FOREIGN KEY (resolved_by) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.device_state
    ADD CONSTRAINT fk_device_state_organization_id_device_id_devices FOREIGN KEY (organization_id, device_id) REFERENCES public.devices(organization_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.device_tokens
    ADD CONSTRAINT fk_device_tokens_organization_id_device_id_devices FOREIGN KEY (organization_id, device_id) REFERENCES public.devices(organization_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT fk_devices_organization_id_organizations FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT fk_devices_organization_id_site_id_sites FOREIGN KEY (organization_id, site_id) REFERENCES public.sites(organization_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT fk_organization_members_invited_by_users FOREIGN KEY (invited_by) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT fk_organization_members_organization_id_organizations FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.organization_members
    ADD CONSTRAINT fk_organization_members_user_id_users FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT fk_organizations_owner_id_users FOREIGN KEY (owner_id) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT fk_sites_disco_code_discos FOREIGN KEY (disco_code) REFERENCES public.discos(code) ON DELETE RESTRICT;

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT fk_sites_organization_id_organizations FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.telemetry_layouts
    ADD CONSTRAINT fk_telemetry_layouts_organization_key_organizations FOREIGN KEY (organization_key) REFERENCES public.organizations(organization_key) ON DELETE RESTRICT;

ALTER TABLE ONLY public.telemetry_quarantine
    ADD CONSTRAINT fk_telemetry_quarantine_organization_id_device_id_devices FOREIGN KEY (organization_id, device_id) REFERENCES public.devices(organization_id, id) ON DELETE RESTRICT;

ALTER TABLE public.alert_episodes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.alert_rule_states ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.alert_rules ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.alerts ENABLE ROW LEVEL SECURITY;

CREATE POLICY auth ON public.device_tokens FOR SELECT TO solarhub_auth USING (true);

CREATE POLICY auth ON public.devices FOR SELECT TO solarhub_auth USING (true);

CREATE POLICY auth ON public.organizations FOR SELECT TO solarhub_auth USING (true);

ALTER TABLE public.device_state ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.device_tokens ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.devices ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.organization_members ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.organizations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sites ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.telemetry_layouts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.telemetry_quarantine ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.telemetry_samples ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant ON public.alert_episodes USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.alert_rule_states USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.alert_rules USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.alerts USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.device_state USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.device_tokens USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.devices USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.organization_members USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.organizations USING ((id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.sites USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.telemetry_layouts USING ((organization_key = ANY ((( SELECT NULLIF(current_setting('app.organization_keys'::text, true), ''::text) AS "nullif"))::integer[]))) WITH CHECK ((organization_key = ANY ((( SELECT NULLIF(current_setting('app.organization_keys'::text, true), ''::text) AS "nullif"))::integer[])));

CREATE POLICY tenant ON public.telemetry_quarantine USING ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[]))) WITH CHECK ((organization_id = ANY ((( SELECT NULLIF(current_setting('app.organization_ids'::text, true), ''::text) AS "nullif"))::uuid[])));

CREATE POLICY tenant ON public.telemetry_samples USING ((organization_key = ANY ((( SELECT NULLIF(current_setting('app.organization_keys'::text, true), ''::text) AS "nullif"))::integer[]))) WITH CHECK ((organization_key = ANY ((( SELECT NULLIF(current_setting('app.organization_keys'::text, true), ''::text) AS "nullif"))::integer[])));

CREATE POLICY worker ON public.alert_episodes TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.alert_rule_states TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.alert_rules TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.alerts TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.device_state TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.devices TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.organizations TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.sites TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.telemetry_layouts TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.telemetry_quarantine TO solarhub_worker USING (true) WITH CHECK (true);

CREATE POLICY worker ON public.telemetry_samples TO solarhub_worker USING (true) WITH CHECK (true);

REVOKE ALL ON FUNCTION public.ensure_telemetry_partition(day date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.ensure_telemetry_partition(day date) TO solarhub_worker;

GRANT SELECT ON TABLE public.alembic_version TO solarhub_app;
GRANT SELECT ON TABLE public.alembic_version TO solarhub_backup;

GRANT SELECT ON TABLE public.alert_episodes TO solarhub_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.alert_episodes TO solarhub_worker;
GRANT SELECT ON TABLE public.alert_episodes TO solarhub_backup;

GRANT UPDATE(closed_at) ON TABLE public.alert_episodes TO solarhub_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.alert_rule_states TO solarhub_worker;
GRANT SELECT ON TABLE public.alert_rule_states TO solarhub_backup;

GRANT SELECT,INSERT,UPDATE ON TABLE public.alert_rules TO solarhub_app;
GRANT SELECT ON TABLE public.alert_rules TO solarhub_worker;
GRANT SELECT ON TABLE public.alert_rules TO solarhub_backup;

GRANT SELECT,INSERT,UPDATE ON TABLE public.alerts TO solarhub_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.alerts TO solarhub_worker;
GRANT SELECT ON TABLE public.alerts TO solarhub_backup;

GRANT SELECT ON TABLE public.device_state TO solarhub_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.device_state TO solarhub_worker;
GRANT SELECT ON TABLE public.device_state TO solarhub_backup;

GRANT INSERT ON TABLE public.device_tokens TO solarhub_app;
GRANT SELECT ON TABLE public.device_tokens TO solarhub_auth;
GRANT SELECT ON TABLE public.device_tokens TO solarhub_backup;

GRANT SELECT(id) ON TABLE public.device_tokens TO solarhub_app;

GRANT SELECT(organization_id) ON TABLE public.device_tokens TO solarhub_app;

GRANT SELECT(device_id) ON TABLE public.device_tokens TO solarhub_app;

GRANT SELECT(created_at) ON TABLE public.device_tokens TO solarhub_app;

GRANT SELECT(revoked_at),UPDATE(revoked_at) ON TABLE public.device_tokens TO solarhub_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.devices TO solarhub_app;
GRANT SELECT ON TABLE public.devices TO solarhub_worker;
GRANT SELECT ON TABLE public.devices TO solarhub_backup;

GRANT SELECT(id) ON TABLE public.devices TO solarhub_auth;

GRANT SELECT(device_key) ON TABLE public.devices TO solarhub_auth;

GRANT SELECT(organization_id) ON TABLE public.devices TO solarhub_auth;

GRANT UPDATE(status) ON TABLE public.devices TO solarhub_worker;

GRANT UPDATE(last_seen_at) ON TABLE public.devices TO solarhub_worker;

GRANT UPDATE(last_error) ON TABLE public.devices TO solarhub_worker;

GRANT SELECT(removed_at) ON TABLE public.devices TO solarhub_auth;

GRANT SELECT ON SEQUENCE public.devices_device_key_seq TO solarhub_backup;

GRANT SELECT ON TABLE public.discos TO solarhub_app;
GRANT SELECT ON TABLE public.discos TO solarhub_worker;
GRANT SELECT ON TABLE public.discos TO solarhub_backup;

GRANT SELECT,INSERT,UPDATE ON TABLE public.evaluation_leases TO solarhub_worker;
GRANT SELECT ON TABLE public.evaluation_leases TO solarhub_backup;

GRANT SELECT,INSERT,UPDATE ON TABLE public.organization_members TO solarhub_app;
GRANT SELECT ON TABLE public.organization_members TO solarhub_backup;

GRANT SELECT,INSERT,UPDATE ON TABLE public.organizations TO solarhub_app;
GRANT SELECT ON TABLE public.organizations TO solarhub_worker;
GRANT SELECT ON TABLE public.organizations TO solarhub_backup;

GRANT SELECT(id) ON TABLE public.organizations TO solarhub_auth;

GRANT SELECT(organization_key) ON TABLE public.organizations TO solarhub_auth;

GRANT SELECT(name) ON TABLE public.organizations TO solarhub_auth;

GRANT SELECT(slug) ON TABLE public.organizations TO solarhub_auth;

GRANT SELECT(status) ON TABLE public.organizations TO solarhub_auth;

GRANT SELECT(removed_at) ON TABLE public.organizations TO solarhub_auth;

GRANT SELECT ON SEQUENCE public.organizations_organization_key_seq TO solarhub_backup;

GRANT SELECT,INSERT,UPDATE ON TABLE public.sites TO solarhub_app;
GRANT SELECT ON TABLE public.sites TO solarhub_worker;
GRANT SELECT ON TABLE public.sites TO solarhub_backup;

GRANT SELECT ON TABLE public.telemetry_layouts TO solarhub_app;
GRANT SELECT,INSERT ON TABLE public.telemetry_layouts TO solarhub_worker;
GRANT SELECT ON TABLE public.telemetry_layouts TO solarhub_backup;

GRANT SELECT ON SEQUENCE public.telemetry_layouts_id_seq TO solarhub_backup;

GRANT SELECT ON TABLE public.telemetry_quarantine TO solarhub_app;
GRANT SELECT,INSERT ON TABLE public.telemetry_quarantine TO solarhub_worker;
GRANT SELECT ON TABLE public.telemetry_quarantine TO solarhub_backup;

GRANT SELECT ON SEQUENCE public.telemetry_quarantine_id_seq TO solarhub_backup;

GRANT SELECT ON TABLE public.telemetry_samples TO solarhub_app;
GRANT SELECT,INSERT ON TABLE public.telemetry_samples TO solarhub_worker;
GRANT SELECT ON TABLE public.telemetry_samples TO solarhub_backup;

GRANT INSERT,UPDATE ON TABLE public.users TO solarhub_app;
GRANT SELECT ON TABLE public.users TO solarhub_auth;
GRANT SELECT ON TABLE public.users TO solarhub_backup;

GRANT SELECT(id) ON TABLE public.users TO solarhub_app;

GRANT SELECT(email) ON TABLE public.users TO solarhub_app;

GRANT SELECT(phone) ON TABLE public.users TO solarhub_app;

GRANT SELECT(first_name) ON TABLE public.users TO solarhub_app;

GRANT SELECT(last_name) ON TABLE public.users TO solarhub_app;

GRANT SELECT(role) ON TABLE public.users TO solarhub_app;

GRANT SELECT(is_active) ON TABLE public.users TO solarhub_app;

GRANT SELECT(is_verified) ON TABLE public.users TO solarhub_app;

GRANT SELECT(preferences) ON TABLE public.users TO solarhub_app;

GRANT SELECT(removed_at) ON TABLE public.users TO solarhub_app;

GRANT SELECT(created_at) ON TABLE public.users TO solarhub_app;

GRANT SELECT(updated_at) ON TABLE public.users TO solarhub_app;

GRANT SELECT(version) ON TABLE public.users TO solarhub_app;

GRANT SELECT ON TABLE public.v_active_alerts_summary TO solarhub_app;
GRANT SELECT ON TABLE public.v_active_alerts_summary TO solarhub_backup;

GRANT SELECT ON TABLE public.v_device_status_summary TO solarhub_app;
GRANT SELECT ON TABLE public.v_device_status_summary TO solarhub_backup;

GRANT SELECT ON TABLE public.v_site_capacity TO solarhub_app;
GRANT SELECT ON TABLE public.v_site_capacity TO solarhub_backup;

-- The seven tables of docs/schema.md with their enums, and the keys that keep tenants apart.
-- A statement ends at an empty line.

CREATE TYPE user_role AS ENUM ('super_admin', 'owner', 'admin', 'manager', 'viewer', 'installer');

CREATE TYPE org_member_role AS ENUM ('owner', 'admin', 'manager', 'viewer', 'installer');

CREATE TYPE site_status AS ENUM ('active', 'inactive', 'maintenance', 'decommissioned');

CREATE TYPE device_type AS ENUM ('inverter', 'meter', 'battery', 'weather_station', 'sensor', 'gateway');

CREATE TYPE device_status AS ENUM ('online', 'offline', 'error', 'maintenance', 'unknown');

CREATE TYPE protocol_type AS ENUM ('modbus_tcp', 'modbus_rtu', 'mqtt', 'http', 'custom');

CREATE TYPE alert_severity AS ENUM ('info', 'warning', 'critical');

CREATE TYPE alert_status AS ENUM ('active', 'acknowledged', 'resolved', 'expired');

CREATE TABLE users (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    email text NOT NULL,
    phone text,
    password_hash text NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    role user_role DEFAULT 'viewer' NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    is_verified boolean DEFAULT false NOT NULL,
    preferences jsonb DEFAULT '{}' NOT NULL,
    removed_at timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT uq_users_email UNIQUE (email),
    CONSTRAINT ck_users_email_lower_case CHECK (email = lower(email) AND email LIKE '_%@_%'),
    CONSTRAINT ck_users_preferences CHECK (jsonb_typeof(preferences) = 'object'
        AND NOT preferences @? 'strict $.language ? (@.type() != "string" || (@ != "en" && @ != "ur"))'
        AND NOT preferences @? 'strict $.currency ? (@.type() != "string" || !(@ like_regex "^[A-Z]{3}$"))'
        AND NOT preferences @? 'strict $.dashboard.refresh_interval ? (@.type() != "number" || @ <= 0)'
        AND (timestamptz '2024-01-01 00:00Z' AT TIME ZONE (preferences ->> 'timezone') IS NOT NULL
             OR NOT preferences ? 'timezone'))
);

CREATE TABLE organizations (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_key integer GENERATED ALWAYS AS IDENTITY NOT NULL,
    owner_id uuid NOT NULL,
    name text NOT NULL,
    slug text NOT NULL,
    description text,
    logo_url text,
    website text,
    status text DEFAULT 'active' NOT NULL,
    settings jsonb DEFAULT '{}' NOT NULL,
    removed_at timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT pk_organizations PRIMARY KEY (id),
    CONSTRAINT uq_organizations_slug UNIQUE (slug),
    CONSTRAINT uq_organizations_organization_key UNIQUE (organization_key),
    CONSTRAINT fk_organizations_owner_id_users FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_organizations_name CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT ck_organizations_slug CHECK (slug ~ '^[a-z0-9](-?[a-z0-9])*$' AND length(slug) <= 63),
    CONSTRAINT ck_organizations_status CHECK (status IN ('active', 'suspended', 'closed')),
    CONSTRAINT ck_organizations_settings CHECK (jsonb_typeof(settings) = 'object')
);

CREATE TABLE organization_members (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role org_member_role NOT NULL,
    invited_by uuid,
    invitation_token text,
    invitation_expires timestamptz,
    invitation_accepted boolean DEFAULT false NOT NULL,
    joined_at timestamptz,
    removed_at timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT pk_organization_members PRIMARY KEY (id),
    CONSTRAINT uq_organization_members_organization_id_user_id UNIQUE (organization_id, user_id),
    CONSTRAINT uq_organization_members_invitation_token UNIQUE (invitation_token),
    CONSTRAINT fk_organization_members_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    CONSTRAINT fk_organization_members_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_organization_members_invited_by_users
        FOREIGN KEY (invited_by) REFERENCES users (id) ON DELETE RESTRICT
);

-- Distribution companies are rows, not an enum: an operator adds the next one when the country splits one off.

CREATE TABLE discos (
    code text NOT NULL,
    name text NOT NULL,
    region text NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_discos PRIMARY KEY (code),
    CONSTRAINT ck_discos_code CHECK (code ~ '^[a-z0-9_]{2,32}$')
);

INSERT INTO discos (code, name, region) VALUES
    ('lesco', 'Lahore Electric Supply Company', 'Lahore'),
    ('fesco', 'Faisalabad Electric Supply Company', 'Faisalabad'),
    ('iesco', 'Islamabad Electric Supply Company', 'Islamabad'),
    ('gepco', 'Gujranwala Electric Power Company', 'Gujranwala'),
    ('mepco', 'Multan Electric Power Company', 'Multan'),
    ('pesco', 'Peshawar Electric Supply Company', 'Peshawar'),
    ('hesco', 'Hyderabad Electric Supply Company', 'Hyderabad'),
    ('sepco', 'Sukkur Electric Power Company', 'Sukkur'),
    ('qesco', 'Quetta Electric Supply Company', 'Quetta'),
    ('tesco', 'Tribal Areas Electric Supply Company', 'Tribal Areas'),
    ('kelectric', 'K-Electric', 'Karachi');

CREATE TABLE sites (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    name text NOT NULL,
    description text,
    status site_status DEFAULT 'active' NOT NULL,
    address jsonb DEFAULT '{}' NOT NULL,
    latitude double precision NOT NULL,
    longitude double precision NOT NULL,
    timezone text DEFAULT 'Asia/Karachi' NOT NULL,
    configuration jsonb DEFAULT '{}' NOT NULL,
    disco_code text GENERATED ALWAYS AS (configuration ->> 'disco_provider') STORED,
    removed_at timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT pk_sites PRIMARY KEY (id),
    CONSTRAINT uq_sites_organization_id_id UNIQUE (organization_id, id),
    CONSTRAINT fk_sites_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    CONSTRAINT fk_sites_disco_code_discos FOREIGN KEY (disco_code) REFERENCES discos (code) ON DELETE RESTRICT,
    CONSTRAINT ck_sites_name CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT ck_sites_latitude CHECK (latitude BETWEEN -90 AND 90),
    CONSTRAINT ck_sites_longitude CHECK (longitude BETWEEN -180 AND 180),
    -- AT TIME ZONE refuses a zone that does not exist
    CONSTRAINT ck_sites_timezone CHECK (timestamptz '2024-01-01 00:00Z' AT TIME ZONE timezone IS NOT NULL),
    CONSTRAINT ck_sites_address CHECK (jsonb_typeof(address) = 'object'),
    CONSTRAINT ck_sites_configuration CHECK (jsonb_typeof(configuration) = 'object'
        AND NOT configuration @? 'strict $.system_capacity_kw ? (@.type() != "number" || @ <= 0)'
        AND NOT configuration @? 'strict $.inverter_capacity_kw ? (@.type() != "number" || @ <= 0)'
        AND NOT configuration @? 'strict $.battery_capacity_kwh ? (@.type() != "number" || @ < 0)'
        AND NOT configuration @? 'strict $.panel_count ? (@.type() != "number" || @ < 0)'
        AND NOT configuration @? 'strict $.panel_wattage ? (@.type() != "number" || @ <= 0)'
        AND NOT configuration @? 'strict $.sanctioned_load_kw ? (@.type() != "number" || @ <= 0)'
        AND NOT configuration @? 'strict $.approved_export_kw ? (@.type() != "number" || @ < 0)'
        AND NOT configuration @? 'strict $.generator_kva ? (@.type() != "number" || @ < 0)'
        AND NOT configuration @? 'strict $.tilt_deg ? (@.type() != "number" || @ < 0 || @ > 90)'
        AND NOT configuration @? 'strict $.azimuth_deg ? (@.type() != "number" || @ < 0 || @ > 360)'
        AND NOT configuration @? 'strict $.grid_connected ? (@.type() != "boolean")'
        AND NOT configuration @? 'strict $.net_metering_enabled ? (@.type() != "boolean")'
        AND NOT configuration @? 'strict $.plant_kind ? (@ != "on_grid" && @ != "hybrid" && @ != "off_grid")'
        AND NOT configuration
            @? 'strict $.export_mode ? (@ != "full" && @ != "limited" && @ != "zero" && @ != "none")'
        AND NOT configuration @? 'strict $.phases ? (@ != 1 && @ != 3)')
);

CREATE TABLE devices (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    device_key integer GENERATED ALWAYS AS IDENTITY NOT NULL,
    site_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    name text NOT NULL,
    description text,
    device_type device_type NOT NULL,
    manufacturer text,
    model text,
    serial_number text,
    firmware_version text,
    protocol protocol_type NOT NULL,
    connection_config jsonb DEFAULT '{}' NOT NULL,
    status device_status DEFAULT 'unknown' NOT NULL,
    last_seen_at timestamptz,
    last_error text,
    metadata jsonb DEFAULT '{}' NOT NULL,
    removed_at timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT pk_devices PRIMARY KEY (id),
    CONSTRAINT uq_devices_serial_number UNIQUE (serial_number),
    CONSTRAINT uq_devices_device_key UNIQUE (device_key),
    CONSTRAINT uq_devices_organization_id_id UNIQUE (organization_id, id),
    CONSTRAINT fk_devices_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    CONSTRAINT fk_devices_organization_id_site_id_sites
        FOREIGN KEY (organization_id, site_id) REFERENCES sites (organization_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_devices_name CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT ck_devices_serial_number CHECK (length(serial_number) BETWEEN 1 AND 100),
    CONSTRAINT ck_devices_connection_config CHECK (jsonb_typeof(connection_config) = 'object'
        AND NOT connection_config @? 'strict $.port ? (@.type() != "number" || @ < 1 || @ > 65535)'
        AND NOT connection_config @? 'strict $.slave_id ? (@.type() != "number" || @ < 0 || @ > 255)'
        AND NOT connection_config @? 'strict $.timeout_seconds ? (@.type() != "number" || @ <= 0)'),
    CONSTRAINT ck_devices_metadata CHECK (jsonb_typeof(metadata) = 'object'
        AND NOT metadata @? 'strict $.reporting_interval_seconds ? (@.type() != "number" || @ <= 0 || @ > 86400)')
);

CREATE TABLE alert_rules (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    site_id uuid,
    name text NOT NULL,
    description text,
    condition jsonb NOT NULL,
    severity alert_severity NOT NULL,
    channels text[] DEFAULT '{}' NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    cooldown_minutes integer DEFAULT 0 NOT NULL,
    auto_resolve boolean DEFAULT true NOT NULL,
    removed_at timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT pk_alert_rules PRIMARY KEY (id),
    CONSTRAINT uq_alert_rules_organization_id_id UNIQUE (organization_id, id),
    CONSTRAINT fk_alert_rules_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    CONSTRAINT fk_alert_rules_organization_id_site_id_sites
        FOREIGN KEY (organization_id, site_id) REFERENCES sites (organization_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_alert_rules_name CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT ck_alert_rules_cooldown_minutes CHECK (cooldown_minutes BETWEEN 0 AND 10080),
    CONSTRAINT ck_alert_rules_channels CHECK (channels <@ ARRAY['email', 'sms', 'push', 'webhook', 'whatsapp']),
    CONSTRAINT ck_alert_rules_condition CHECK (jsonb_typeof(condition) = 'object'
        AND condition ?& ARRAY['metric', 'operator', 'threshold', 'duration_seconds']
        AND jsonb_typeof(condition -> 'metric') = 'string'
        AND condition ->> 'operator' IN ('lt', 'lte', 'gt', 'gte', 'eq', 'neq')
        AND jsonb_typeof(condition -> 'threshold') = 'number'
        AND NOT condition @? 'strict $.duration_seconds ? (@.type() != "number" || @ < 0)'
        AND (NOT condition ? 'device_type' OR condition -> 'device_type' = 'null' OR condition ->> 'device_type'
             IN ('inverter', 'meter', 'battery', 'weather_station', 'sensor', 'gateway'))
        AND (NOT condition ? 'when' OR condition ->> 'when' IN ('always', 'daylight')))
);

CREATE TABLE alerts (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    rule_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    site_id uuid NOT NULL,
    device_id uuid,
    severity alert_severity NOT NULL,
    status alert_status DEFAULT 'active' NOT NULL,
    title text NOT NULL,
    message text NOT NULL,
    metric_name text,
    metric_value double precision,
    threshold_value double precision,
    triggered_at timestamptz NOT NULL,
    acknowledged_by uuid,
    acknowledged_at timestamptz,
    resolved_by uuid,
    resolved_at timestamptz,
    notifications_sent text[] DEFAULT '{}' NOT NULL,
    escalated boolean DEFAULT false NOT NULL,
    escalated_at timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT pk_alerts PRIMARY KEY (id),
    CONSTRAINT fk_alerts_organization_id_rule_id_alert_rules
        FOREIGN KEY (organization_id, rule_id) REFERENCES alert_rules (organization_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_alerts_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    CONSTRAINT fk_alerts_organization_id_site_id_sites
        FOREIGN KEY (organization_id, site_id) REFERENCES sites (organization_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_alerts_organization_id_device_id_devices
        FOREIGN KEY (organization_id, device_id) REFERENCES devices (organization_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_alerts_acknowledged_by_users FOREIGN KEY (acknowledged_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_alerts_resolved_by_users FOREIGN KEY (resolved_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_alerts_acknowledged CHECK (status <> 'acknowledged' OR acknowledged_at IS NOT NULL),
    CONSTRAINT ck_alerts_resolved CHECK ((status = 'resolved') = (resolved_at IS NOT NULL)),
    CONSTRAINT ck_alerts_escalated CHECK (escalated = (escalated_at IS NOT NULL)),
    CONSTRAINT ck_alerts_finite CHECK (metric_value NOT IN ('NaN', 'Infinity', '-Infinity')
        AND threshold_value NOT IN ('NaN', 'Infinity', '-Infinity'))
);

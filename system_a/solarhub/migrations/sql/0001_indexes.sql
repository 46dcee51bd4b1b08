-- Every index of docs/schema.md. One that a primary key or unique constraint already serves is not made twice:
-- users(email), organizations(slug), devices(serial_number), organization_members(organization_id, user_id), and
-- organization_id of sites, devices and alert_rules, which leads their unique (organization_id, id).

CREATE INDEX ix_organizations_owner_id ON organizations (owner_id);

CREATE INDEX ix_organization_members_user_id ON organization_members (user_id);

CREATE INDEX ix_sites_disco_code ON sites (disco_code);

CREATE INDEX ix_devices_organization_id_name_id ON devices (organization_id, name, id);

CREATE INDEX ix_devices_site_id_organization_id ON devices (site_id, organization_id);

CREATE INDEX ix_devices_status ON devices (status);

CREATE INDEX ix_devices_last_seen_at ON devices (last_seen_at);

CREATE INDEX ix_devices_online ON devices (last_seen_at) WHERE status = 'online';

CREATE INDEX ix_alert_rules_site_id ON alert_rules (site_id);

CREATE INDEX ix_alerts_rule_id ON alerts (rule_id);

CREATE INDEX ix_alerts_organization_id_status_severity_triggered_at
    ON alerts (organization_id, status, severity, triggered_at);

-- Enum operators are not leakproof: under row-level security the app role uses no more of the index above than its
-- first column. It finds an organization's newest alerts, and its open ones (a predicate is free of that rule), here.

CREATE INDEX ix_alerts_organization_id_triggered_at ON alerts (organization_id, triggered_at);

CREATE INDEX ix_alerts_open ON alerts (organization_id, triggered_at, status, severity)
    WHERE status IN ('active', 'acknowledged');

CREATE INDEX ix_alerts_site_id_triggered_at ON alerts (site_id, triggered_at);

CREATE INDEX ix_alerts_device_id ON alerts (device_id);

CREATE INDEX ix_alerts_triggered_at ON alerts (triggered_at);

CREATE INDEX ix_alerts_status_severity ON alerts (status, severity);

CREATE INDEX ix_alerts_escalation ON alerts (triggered_at) WHERE status = 'active' AND escalated = FALSE;

CREATE INDEX ix_users_preferences ON users USING gin (preferences);

CREATE INDEX ix_organizations_settings ON organizations USING gin (settings);

CREATE INDEX ix_sites_address ON sites USING gin (address);

CREATE INDEX ix_sites_configuration ON sites USING gin (configuration);

CREATE INDEX ix_devices_connection_config ON devices USING gin (connection_config);

CREATE INDEX ix_devices_metadata ON devices USING gin (metadata);

CREATE INDEX ix_alert_rules_condition ON alert_rules USING gin (condition);

-- The three views of docs/schema.md. They run as their owner, which is no superuser and stands under FORCE ROW LEVEL
-- SECURITY, so they show a tenant its own rows alone on PostgreSQL 14 too, which has no security_invoker.

CREATE VIEW v_active_alerts_summary AS
SELECT organization_id,
       count(*) FILTER (WHERE status = 'active') AS active_count,
       count(*) FILTER (WHERE status = 'acknowledged') AS acknowledged_count,
       count(*) FILTER (WHERE severity = 'info') AS info_count,
       count(*) FILTER (WHERE severity = 'warning') AS warning_count,
       count(*) FILTER (WHERE severity = 'critical') AS critical_count,
       count(*) AS total_count,
       min(triggered_at) AS oldest_triggered_at,
       max(triggered_at) AS newest_triggered_at
FROM alerts
WHERE status IN ('active', 'acknowledged')
GROUP BY organization_id;

CREATE VIEW v_device_status_summary AS
SELECT sites.organization_id,
       sites.id AS site_id,
       sites.name AS site_name,
       count(*) FILTER (WHERE devices.status = 'online') AS online_count,
       count(*) FILTER (WHERE devices.status = 'offline') AS offline_count,
       count(*) FILTER (WHERE devices.status = 'error') AS error_count,
       count(*) FILTER (WHERE devices.status = 'maintenance') AS maintenance_count,
       count(*) FILTER (WHERE devices.status = 'unknown') AS unknown_count,
       count(devices.id) AS total_count
FROM sites
LEFT JOIN devices ON devices.organization_id = sites.organization_id AND devices.site_id = sites.id
                 AND devices.removed_at IS NULL
WHERE sites.removed_at IS NULL
GROUP BY sites.organization_id, sites.id;

CREATE VIEW v_site_capacity AS
SELECT sites.organization_id,
       sites.id AS site_id,
       sites.name AS site_name,
       sites.status,
       sites.timezone,
       (sites.configuration ->> 'system_capacity_kw')::double precision AS system_capacity_kw,
       (sites.configuration ->> 'inverter_capacity_kw')::double precision AS inverter_capacity_kw,
       (sites.configuration ->> 'battery_capacity_kwh')::double precision AS battery_capacity_kwh,
       (sites.configuration ->> 'panel_count')::double precision::integer AS panel_count,
       (sites.configuration ->> 'grid_connected')::boolean AS grid_connected,
       (sites.configuration ->> 'net_metering_enabled')::boolean AS net_metering_enabled,
       sites.configuration ->> 'plant_kind' AS plant_kind,
       sites.disco_code AS disco_provider,
       sites.configuration ->> 'tariff_category' AS tariff_category,
       count(devices.id) AS device_count,
       count(*) FILTER (WHERE devices.device_type = 'inverter') AS inverter_count,
       count(*) FILTER (WHERE devices.device_type = 'meter') AS meter_count,
       count(*) FILTER (WHERE devices.device_type = 'battery') AS battery_count
FROM sites
LEFT JOIN devices ON devices.organization_id = sites.organization_id AND devices.site_id = sites.id
                 AND devices.removed_at IS NULL
WHERE sites.removed_at IS NULL
GROUP BY sites.organization_id, sites.id;

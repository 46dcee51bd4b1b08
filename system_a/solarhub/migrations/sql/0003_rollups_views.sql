-- What dashboards and notebooks read: one row for each device, metric, channel and bucket. They run as their owner under
-- forced row-level security, on PostgreSQL 14 as on 18, and show a reader's login its own organization alone.
-- Names of columns are kept: people's dashboards hold them.

CREATE FUNCTION rollup_marks(marks integer) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT array_remove(ARRAY[
        CASE WHEN marks & 1 <> 0 THEN 'gap' END,
        CASE WHEN marks & 2 <> 0 THEN 'catch_up' END,
        CASE WHEN marks & 4 <> 0 THEN 'reset' END,
        CASE WHEN marks & 8 <> 0 THEN 'roll_over' END,
        CASE WHEN marks & 16 <> 0 THEN 'replaced' END,
        CASE WHEN marks & 32 <> 0 THEN 'corrected' END
    ], NULL)
$$;

CREATE VIEW v_rollup_15m WITH (security_barrier) AS
SELECT d.organization_id,
       s.id AS site_id,
       s.name AS site,
       d.id AS device_id,
       d.name AS device,
       d.device_type::text AS device_type,
       split_part(f.series, ':', 1) AS metric,
       nullif(split_part(f.series, ':', 2), '') AS channel,
       q.start,
       q.start + interval '15 minutes' AS ends_at,
       nullif(f.mean, 'NaN') AS mean,
       nullif(f.least, 'NaN') AS min,
       nullif(f.greatest, 'NaN') AS max,
       nullif(f.last, 'NaN') AS last,
       coalesce(f.reported, q.samples) AS count,
       nullif(f.kwh, 'NaN') AS kwh,
       rollup_marks(coalesce(f.marks, 0)) AS marks,
       least(100, round(100.0 * coalesce(f.reported, q.samples) * q.interval_seconds
                        / greatest(900.0, 1), 1))::double precision AS coverage_percent
FROM rollup_quarters q
JOIN devices d ON d.device_key = q.device_key
JOIN sites s ON s.id = d.site_id
JOIN telemetry_layouts l ON l.id = q.layout_id
CROSS JOIN LATERAL unnest(l.series, q.mean, q.least, q.greatest, q.last, q.kwh, q.reported, q.marks)
    AS f (series, mean, least, greatest, last, kwh, reported, marks)
WHERE coalesce(f.reported, q.samples) > 0 OR f.kwh <> 'NaN';

CREATE VIEW v_rollup_hour WITH (security_barrier) AS
SELECT d.organization_id,
       s.id AS site_id,
       s.name AS site,
       d.id AS device_id,
       d.name AS device,
       d.device_type::text AS device_type,
       split_part(f.series, ':', 1) AS metric,
       nullif(split_part(f.series, ':', 2), '') AS channel,
       q.start,
       q.ends_at,
       nullif(f.mean, 'NaN') AS mean,
       nullif(f.least, 'NaN') AS min,
       nullif(f.greatest, 'NaN') AS max,
       nullif(f.last, 'NaN') AS last,
       coalesce(f.reported, q.samples) AS count,
       nullif(f.kwh, 'NaN') AS kwh,
       rollup_marks(coalesce(f.marks, 0)) AS marks,
       least(100, round(100.0 * coalesce(f.reported, q.samples) * q.interval_seconds
                        / greatest(extract(epoch FROM least(q.ends_at, now()) - q.start), 1), 1))::double precision AS coverage_percent
FROM rollup_hours q
JOIN devices d ON d.device_key = q.device_key
JOIN sites s ON s.id = d.site_id
JOIN telemetry_layouts l ON l.id = q.layout_id
CROSS JOIN LATERAL unnest(l.series, q.mean, q.least, q.greatest, q.last, q.kwh, q.reported, q.marks)
    AS f (series, mean, least, greatest, last, kwh, reported, marks)
WHERE coalesce(f.reported, q.samples) > 0 OR f.kwh <> 'NaN';

CREATE VIEW v_rollup_day WITH (security_barrier) AS
SELECT d.organization_id,
       s.id AS site_id,
       s.name AS site,
       d.id AS device_id,
       d.name AS device,
       d.device_type::text AS device_type,
       split_part(f.series, ':', 1) AS metric,
       nullif(split_part(f.series, ':', 2), '') AS channel,
       q.day,
       q.starts_at AS start,
       q.ends_at,
       nullif(f.mean, 'NaN') AS mean,
       nullif(f.least, 'NaN') AS min,
       nullif(f.greatest, 'NaN') AS max,
       nullif(f.last, 'NaN') AS last,
       coalesce(f.reported, q.samples) AS count,
       nullif(f.kwh, 'NaN') AS kwh,
       rollup_marks(coalesce(f.marks, 0)) AS marks,
       least(100, round(100.0 * coalesce(f.reported, q.samples) * q.interval_seconds
                        / greatest(extract(epoch FROM least(q.ends_at, now()) - q.starts_at), 1), 1))::double precision AS coverage_percent
FROM rollup_days q
JOIN devices d ON d.device_key = q.device_key
JOIN sites s ON s.id = q.site_id
JOIN telemetry_layouts l ON l.id = q.layout_id
CROSS JOIN LATERAL unnest(l.series, q.mean, q.least, q.greatest, q.last, q.kwh, q.reported, q.marks)
    AS f (series, mean, least, greatest, last, kwh, reported, marks)
WHERE coalesce(f.reported, q.samples) > 0 OR f.kwh <> 'NaN';

CREATE VIEW v_rollup_month WITH (security_barrier) AS
SELECT d.organization_id,
       s.id AS site_id,
       s.name AS site,
       d.id AS device_id,
       d.name AS device,
       d.device_type::text AS device_type,
       split_part(f.series, ':', 1) AS metric,
       nullif(split_part(f.series, ':', 2), '') AS channel,
       q.month,
       q.starts_at AS start,
       q.ends_at,
       nullif(f.mean, 'NaN') AS mean,
       nullif(f.least, 'NaN') AS min,
       nullif(f.greatest, 'NaN') AS max,
       nullif(f.last, 'NaN') AS last,
       coalesce(f.reported, q.samples) AS count,
       nullif(f.kwh, 'NaN') AS kwh,
       rollup_marks(coalesce(f.marks, 0)) AS marks,
       least(100, round(100.0 * coalesce(f.reported, q.samples) * q.interval_seconds
                        / greatest(extract(epoch FROM least(q.ends_at, now()) - q.starts_at), 1), 1))::double precision AS coverage_percent
FROM rollup_months q
JOIN devices d ON d.device_key = q.device_key
JOIN sites s ON s.id = d.site_id
JOIN telemetry_layouts l ON l.id = q.layout_id
CROSS JOIN LATERAL unnest(l.series, q.mean, q.least, q.greatest, q.last, q.kwh, q.reported, q.marks)
    AS f (series, mean, least, greatest, last, kwh, reported, marks)
WHERE coalesce(f.reported, q.samples) > 0 OR f.kwh <> 'NaN';

-- What a device generated on each day of its plant: the energy that counts, and what was measured.

CREATE VIEW v_energy_day WITH (security_barrier) AS
SELECT d.organization_id,
       s.id AS site_id,
       s.name AS site,
       d.id AS device_id,
       d.name AS device,
       d.device_type::text AS device_type,
       q.day,
       q.starts_at AS start,
       q.ends_at,
       q.energy_kwh AS kwh,
       q.measured_kwh,
       q.energy_method AS method,
       rollup_marks(q.energy_marks) AS marks,
       least(100, round(100.0 * q.samples * q.interval_seconds
                        / greatest(extract(epoch FROM least(q.ends_at, now()) - q.starts_at), 1), 1))::double precision
           AS coverage_percent
FROM rollup_days q
JOIN devices d ON d.device_key = q.device_key
JOIN sites s ON s.id = q.site_id;

-- What a plant generated on each of its days.

CREATE VIEW v_site_energy_day WITH (security_barrier) AS
SELECT q.organization_id,
       s.id AS site_id,
       s.name AS site,
       s.timezone,
       (s.configuration ->> 'system_capacity_kw')::double precision AS capacity_kw,
       q.day,
       q.starts_at AS start,
       q.ends_at,
       q.energy_kwh AS kwh,
       q.measured_kwh,
       q.energy_method AS method,
       rollup_marks(q.energy_marks) AS marks,
       q.devices,
       least(100, round((100.0 * q.covered_seconds
                         / greatest(q.devices * extract(epoch FROM least(q.ends_at, now()) - q.starts_at), 1))::numeric,
                        1))::double precision AS coverage_percent
FROM site_energy_days q
JOIN sites s ON s.id = q.site_id;

-- Energy that belongs to a time in which nothing was told, or a counter stood still.

CREATE VIEW v_energy_gap WITH (security_barrier) AS
SELECT d.organization_id,
       d.site_id,
       d.id AS device_id,
       d.name AS device,
       split_part(g.series, ':', 1) AS metric,
       nullif(split_part(g.series, ':', 2), '') AS channel,
       g.started_at,
       g.ended_at,
       g.kwh,
       rollup_marks(g.marks) AS marks
FROM rollup_gaps g
JOIN devices d ON d.device_key = g.device_key;

-- Who corrected is known to the hub, and told by its API.

CREATE VIEW v_energy_correction WITH (security_barrier) AS
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
FROM energy_corrections c
JOIN devices d ON d.id = c.device_id;

-- What a hub of each earlier schema may have stored; columns that came later stay away.

insert into users (id, email, password_hash, first_name, last_name) values ('00000000-0000-7000-8000-000000000001', 'a@example.org', '!', 'Ayesha', 'Khan');

insert into organizations (id, owner_id, name, slug) values ('00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000001', 'Acme', 'acme');

insert into sites (id, organization_id, name, latitude, longitude, timezone) values ('00000000-0000-7000-8000-000000000003', '00000000-0000-7000-8000-000000000002', 'Gulberg', 31.5, 74.3, 'Asia/Karachi');

insert into devices (id, site_id, organization_id, name, device_type, protocol, serial_number, metadata) values ('00000000-0000-7000-8000-000000000004', '00000000-0000-7000-8000-000000000003', '00000000-0000-7000-8000-000000000002', 'Inverter', 'inverter', 'http', 'SN1', '{"note": "kept"}');

insert into alert_rules (id, organization_id, name, severity, condition) values ('00000000-0000-7000-8000-000000000005', '00000000-0000-7000-8000-000000000002', 'Low', 'warning', '{"metric": "power_output", "operator": "lt", "threshold": 10, "duration_seconds": 300}');

select ensure_telemetry_partition(date '2026-03-01');

insert into telemetry_layouts (organization_key, series, series_sha256) select organization_key, '{energy_total,power_output}', sha256(E'energy_total\npower_output') from organizations;

insert into telemetry_samples (organization_key, device_key, at, received_at, layout_id, late, readings) select o.organization_key, d.device_key, timestamptz '2026-03-01Z' + n * interval '1 min', now(), l.id, n % 9 = 0,
 array[n * 0.1::float8, nullif(n % 7, 0)] from organizations o, devices d, telemetry_layouts l, generate_series(1, 500) n;

insert into device_state (device_id, organization_id, device_key, last_sample_at, last_received_at, latest) select d.id, d.organization_id, d.device_key, max(s.at), max(s.received_at), '{}' from devices d join telemetry_samples s on s.device_key = d.device_key group by d.id;

insert into telemetry_quarantine (organization_id, device_id, received_at, reason, raw) select organization_id, id, now(), 'unknown_metric', '{}' from devices;

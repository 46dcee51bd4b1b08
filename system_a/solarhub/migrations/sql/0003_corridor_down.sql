DROP TRIGGER telemetry_follows ON devices;

DROP TRIGGER telemetry_stays_reachable ON devices;

DROP FUNCTION telemetry_follows_device();

REVOKE SELECT (gateway_id, name, serial_number, metadata, version) ON devices FROM solarhub_auth;

DROP FUNCTION hold_telemetry_marks();

DROP TABLE telemetry_conflicts, telemetry_mark_epoch, telemetry_marks;

ALTER TABLE telemetry_samples DROP COLUMN imported;

ALTER TABLE devices DROP COLUMN gateway_id;

DROP FUNCTION drop_telemetry_partition(date, boolean);

DROP FUNCTION watch_telemetry_partition(date);

-- partitions that are being watched have a trigger of it

DROP FUNCTION note_telemetry_stirred() CASCADE;

DROP TABLE telemetry_stirred, telemetry_cold_days, telemetry_blocks;

ALTER TABLE telemetry_quarantine DROP COLUMN replayed_at;

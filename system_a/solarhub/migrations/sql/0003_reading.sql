-- What stands in quarantine may be read anew once its cause is mended; the entry stays, as what once was refused.

ALTER TABLE telemetry_quarantine ADD COLUMN replayed_at timestamptz;

GRANT UPDATE (replayed_at) ON telemetry_quarantine TO solarhub_worker;

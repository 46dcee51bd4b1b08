REVOKE DELETE ON telemetry_samples FROM solarhub_worker;

DROP TABLE found_announcements, raw_messages, found_senders;

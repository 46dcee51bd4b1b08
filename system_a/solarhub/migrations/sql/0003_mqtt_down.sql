DROP TABLE mqtt_arrivals;

DROP TABLE mqtt_identity;

DROP INDEX ix_devices_mqtt;

ALTER TABLE device_tokens DROP COLUMN broker_hash;

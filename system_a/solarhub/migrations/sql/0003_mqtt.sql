-- The hub as a subscriber at brokers: who it is there, what of a device's token the hub's own broker checks, and when
-- messages came that do not say when they were written.

-- As mosquitto writes it in its password file; NULL for a token that was issued before the hub had a broker.

ALTER TABLE device_tokens ADD COLUMN broker_hash text;

-- Those whose connection the hub looks at every few seconds: whether anything changed is told by this index alone.

CREATE INDEX ix_devices_mqtt ON devices (device_key, version) WHERE protocol = 'mqtt' AND removed_at IS NULL;

-- One row at most. Brokers keep a session under this name while the hub is away; it goes along in a backup.

CREATE TABLE mqtt_identity (
    is_only boolean DEFAULT true NOT NULL,
    name text NOT NULL,
    CONSTRAINT pk_mqtt_identity PRIMARY KEY (is_only),
    CONSTRAINT ck_mqtt_identity_is_only CHECK (is_only)
);

-- Messages without a time of their own are given their arrival's, and it is written down before they are stored: when
-- one comes again because its acknowledgement was lost, it comes to the same instant, and not to a second one. A row
-- for a batch, forgotten soon after the batch was acknowledged; `marks` are 10 bytes each: the message's number in the
-- session and 8 bytes of its hash.

CREATE TABLE mqtt_arrivals (
    client_id text NOT NULL,
    at timestamptz NOT NULL,
    marks bytea NOT NULL,
    CONSTRAINT pk_mqtt_arrivals PRIMARY KEY (client_id, at)
);

GRANT SELECT, INSERT ON mqtt_identity TO solarhub_worker;

GRANT SELECT, INSERT, DELETE ON mqtt_arrivals TO solarhub_worker;

GRANT SELECT ON mqtt_identity, mqtt_arrivals TO solarhub_backup;

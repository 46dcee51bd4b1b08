-- People who sign in, and the organizations that they belong to. A statement ends at an empty line.

-- ------------------------------------------------------------------------------------------------------- accounts
-- Kept by the auth role alone. No tenant owns a person, so none of these is a tenant table.

CREATE TABLE user_sessions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    token_sha256 bytea NOT NULL,
    awaiting_second_factor boolean DEFAULT false NOT NULL,
    second_factor_at timestamptz,
    address text,
    user_agent text,
    created_at timestamptz DEFAULT now() NOT NULL,
    last_seen_at timestamptz DEFAULT now() NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT pk_user_sessions PRIMARY KEY (id),
    CONSTRAINT uq_user_sessions_token_sha256 UNIQUE (token_sha256),
    CONSTRAINT fk_user_sessions_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_user_sessions_sha256 CHECK (octet_length(token_sha256) = 32)
);

CREATE INDEX ix_user_sessions_user_id ON user_sessions (user_id);

CREATE INDEX ix_user_sessions_expires_at ON user_sessions (expires_at);

-- A link that works once: it is deleted by the statement that reads it. Only its hash is kept.

CREATE TABLE user_links (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    purpose text NOT NULL,
    user_id uuid,
    email text,
    token_sha256 bytea NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_user_links PRIMARY KEY (id),
    CONSTRAINT uq_user_links_token_sha256 UNIQUE (token_sha256),
    CONSTRAINT fk_user_links_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_user_links_sha256 CHECK (octet_length(token_sha256) = 32),
    CONSTRAINT ck_user_links_purpose CHECK (purpose IN ('set_up', 'sign_in', 'verify_email', 'change_email',
        'reset_password')),
    CONSTRAINT ck_user_links_user_id CHECK ((purpose = 'set_up') = (user_id IS NULL)),
    CONSTRAINT ck_user_links_email CHECK ((purpose IN ('verify_email', 'change_email')) = (email IS NOT NULL))
);

CREATE INDEX ix_user_links_user_id ON user_links (user_id);

CREATE INDEX ix_user_links_expires_at ON user_links (expires_at);

CREATE TABLE user_second_factors (
    user_id uuid NOT NULL,
    secret_sealed text NOT NULL,
    confirmed_at timestamptz,
    last_step bigint,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_user_second_factors PRIMARY KEY (user_id),
    CONSTRAINT fk_user_second_factors_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE TABLE user_recovery_codes (
    user_id uuid NOT NULL,
    code_sha256 bytea NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_user_recovery_codes PRIMARY KEY (user_id, code_sha256),
    CONSTRAINT fk_user_recovery_codes_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_user_recovery_codes_sha256 CHECK (octet_length(code_sha256) = 32)
);

-- How full each bucket is, as the instant at which it will be empty again (GCRA: one row, one statement per try).

CREATE TABLE throttles (
    bucket text NOT NULL,
    empty_at timestamptz NOT NULL,
    CONSTRAINT pk_throttles PRIMARY KEY (bucket)
) WITH (fillfactor = 70);

CREATE INDEX ix_throttles_empty_at ON throttles (empty_at);

-- -------------------------------------------------------------------------------------------------- organizations

-- What whoever invites somebody knows of them: what an account says of its owner is shown to those he has joined.

ALTER TABLE organization_members ADD COLUMN invited_name text, ADD COLUMN invited_email text,
    ADD COLUMN invited_phone text;

CREATE TABLE organization_logos (
    organization_id uuid NOT NULL,
    png bytea NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_organization_logos PRIMARY KEY (organization_id),
    CONSTRAINT fk_organization_logos_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    CONSTRAINT ck_organization_logos_png CHECK (octet_length(png) <= 262144)
);

CREATE TABLE api_keys (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    created_by uuid NOT NULL,
    name text NOT NULL,
    token_sha256 bytea NOT NULL,
    permissions text[] NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT pk_api_keys PRIMARY KEY (id),
    CONSTRAINT uq_api_keys_token_sha256 UNIQUE (token_sha256),
    CONSTRAINT fk_api_keys_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    CONSTRAINT fk_api_keys_created_by_users FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_api_keys_name CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT ck_api_keys_sha256 CHECK (octet_length(token_sha256) = 32)
);

CREATE INDEX ix_api_keys_organization_id ON api_keys (organization_id);

CREATE INDEX ix_api_keys_created_by ON api_keys (created_by);

CREATE TABLE webhooks (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    url text NOT NULL,
    description text,
    secret_sealed text NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_by uuid NOT NULL,
    removed_at timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT pk_webhooks PRIMARY KEY (id),
    CONSTRAINT fk_webhooks_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    CONSTRAINT fk_webhooks_created_by_users FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE INDEX ix_webhooks_organization_id ON webhooks (organization_id);

CREATE INDEX ix_webhooks_created_by ON webhooks (created_by);

-- The answer to a create that named an Idempotency-Key, for whoever asked: kept a day.

CREATE TABLE idempotent_answers (
    actor_id uuid NOT NULL,
    key text NOT NULL,
    request_sha256 bytea NOT NULL,
    status integer,
    headers jsonb,
    body bytea,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_idempotent_answers PRIMARY KEY (actor_id, key),
    CONSTRAINT ck_idempotent_answers_key CHECK (length(key) BETWEEN 1 AND 255)
);

CREATE INDEX ix_idempotent_answers_created_at ON idempotent_answers (created_at);

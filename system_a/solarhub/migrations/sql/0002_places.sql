-- Plants that are lent and change hands, devices whose numbers are claimed. A statement ends at an empty line.

-- ---------------------------------------------------------------------------------------------------------- sites

ALTER TABLE sites ADD COLUMN maintenance_until timestamptz;

ALTER TABLE sites ADD CONSTRAINT ck_sites_maintenance_until
    CHECK (maintenance_until IS NULL OR status = 'maintenance');

CREATE INDEX ix_sites_organization_id_name_id ON sites (organization_id, name, id);

CREATE INDEX ix_sites_maintenance_until ON sites (maintenance_until) WHERE maintenance_until IS NOT NULL;

-- Who sees one plant of an organization: a person, another organization, or somebody who was invited and has not
-- answered yet.

CREATE TABLE site_grants (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    site_id uuid NOT NULL,
    user_id uuid,
    grantee_organization_id uuid,
    role org_member_role NOT NULL,
    expires_at timestamptz,
    granted_by uuid NOT NULL,
    invited_name text,
    invited_email text,
    invited_phone text,
    invited_organization text,
    invitation_token text,
    invitation_expires timestamptz,
    accepted_at timestamptz,
    removed_at timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT pk_site_grants PRIMARY KEY (id),
    CONSTRAINT uq_site_grants_invitation_token UNIQUE (invitation_token),
    CONSTRAINT fk_site_grants_organization_id_site_id_sites FOREIGN KEY (organization_id, site_id)
        REFERENCES sites (organization_id, id) ON DELETE RESTRICT DEFERRABLE,
    CONSTRAINT fk_site_grants_user_id_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_site_grants_grantee_organization_id_organizations
        FOREIGN KEY (grantee_organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    CONSTRAINT fk_site_grants_granted_by_users FOREIGN KEY (granted_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_site_grants_role CHECK (role IN ('manager', 'viewer', 'installer')),
    CONSTRAINT ck_site_grants_grantee CHECK (num_nonnulls(user_id, grantee_organization_id) = 1
        OR num_nonnulls(user_id, grantee_organization_id) = 0 AND accepted_at IS NULL),
    CONSTRAINT ck_site_grants_invited_email CHECK (invited_email = lower(invited_email))
);

CREATE INDEX ix_site_grants_organization_id_site_id ON site_grants (organization_id, site_id);

CREATE INDEX ix_site_grants_user_id ON site_grants (user_id);

CREATE INDEX ix_site_grants_grantee_organization_id ON site_grants (grantee_organization_id);

CREATE INDEX ix_site_grants_granted_by ON site_grants (granted_by);

CREATE UNIQUE INDEX uq_site_grants_site_id_user_id ON site_grants (site_id, user_id) WHERE removed_at IS NULL;

CREATE UNIQUE INDEX uq_site_grants_site_id_grantee_organization_id ON site_grants (site_id, grantee_organization_id)
    WHERE removed_at IS NULL;

-- A plant on its way to another organization: offered, taken, and its raw samples moved day by day behind it.

CREATE TABLE site_handovers (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    site_id uuid NOT NULL,
    -- as it was called then: its giver sees it no more
    site_name text NOT NULL,
    to_organization_id uuid,
    offered_by uuid NOT NULL,
    invited_name text,
    invited_email text,
    invited_phone text,
    invited_organization text,
    invitation_token text,
    invitation_expires timestamptz,
    keep_role org_member_role,
    keep_until timestamptz,
    accepted_by uuid,
    accepted_at timestamptz,
    withdrawn_at timestamptz,
    device_keys integer[] DEFAULT '{}' NOT NULL,
    telemetry_moved_to date,
    telemetry_moved_at timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_site_handovers PRIMARY KEY (id),
    CONSTRAINT uq_site_handovers_invitation_token UNIQUE (invitation_token),
    CONSTRAINT fk_site_handovers_organization_id_organizations
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    -- the site's organization is the one it has now; this row remembers the one it had
    CONSTRAINT fk_site_handovers_site_id_sites FOREIGN KEY (site_id) REFERENCES sites (id) ON DELETE RESTRICT,
    CONSTRAINT fk_site_handovers_to_organization_id_organizations
        FOREIGN KEY (to_organization_id) REFERENCES organizations (id) ON DELETE RESTRICT,
    CONSTRAINT fk_site_handovers_offered_by_users FOREIGN KEY (offered_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_site_handovers_accepted_by_users FOREIGN KEY (accepted_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_site_handovers_accepted CHECK (accepted_at IS NULL OR to_organization_id IS NOT NULL),
    CONSTRAINT ck_site_handovers_keep_role CHECK (keep_role IN ('manager', 'viewer', 'installer'))
);

CREATE INDEX ix_site_handovers_organization_id ON site_handovers (organization_id);

CREATE INDEX ix_site_handovers_to_organization_id ON site_handovers (to_organization_id);

CREATE INDEX ix_site_handovers_offered_by ON site_handovers (offered_by);

CREATE INDEX ix_site_handovers_accepted_by ON site_handovers (accepted_by);

CREATE UNIQUE INDEX uq_site_handovers_open ON site_handovers (site_id)
    WHERE accepted_at IS NULL AND withdrawn_at IS NULL;

CREATE INDEX ix_site_handovers_moving ON site_handovers (accepted_at)
    WHERE accepted_at IS NOT NULL AND telemetry_moved_at IS NULL;

-- -------------------------------------------------------------------------------------------------------- devices

ALTER TABLE devices ADD COLUMN maintenance_until timestamptz;

ALTER TABLE devices ADD CONSTRAINT ck_devices_maintenance_until
    CHECK (maintenance_until IS NULL OR status = 'maintenance');

CREATE INDEX ix_devices_maintenance_until ON devices (maintenance_until) WHERE maintenance_until IS NOT NULL;

-- the one in whose place it stands now; a handover that parts the two forgets it

ALTER TABLE devices ADD COLUMN replaces uuid;

ALTER TABLE devices ADD CONSTRAINT uq_devices_replaces UNIQUE (replaces);

ALTER TABLE devices ADD CONSTRAINT fk_devices_organization_id_replaces_devices FOREIGN KEY (organization_id, replaces)
    REFERENCES devices (organization_id, id) ON DELETE RESTRICT DEFERRABLE;

ALTER TABLE devices ADD CONSTRAINT ck_devices_replaces CHECK (replaces <> id);

ALTER TABLE device_tokens ADD COLUMN expires_at timestamptz;

-- A serial number that is taken elsewhere: what the claimant knows, and apart from it what the present holder is asked.
-- The two never stand in one row, so that neither side's wall shows the other.

CREATE TABLE device_claims (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organization_id uuid NOT NULL,
    device_id uuid NOT NULL,
    serial_number text NOT NULL,
    message text,
    claimed_by uuid NOT NULL,
    proof_sha256 bytea,
    state text DEFAULT 'pending' NOT NULL,
    looked_at timestamptz,
    settled_at timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_device_claims PRIMARY KEY (id),
    CONSTRAINT fk_device_claims_organization_id_device_id_devices FOREIGN KEY (organization_id, device_id)
        REFERENCES devices (organization_id, id) ON DELETE RESTRICT DEFERRABLE,
    CONSTRAINT fk_device_claims_claimed_by_users FOREIGN KEY (claimed_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_device_claims_state CHECK (state IN ('pending', 'granted', 'refused', 'withdrawn')),
    CONSTRAINT ck_device_claims_settled CHECK ((state = 'pending') = (settled_at IS NULL))
);

CREATE INDEX ix_device_claims_organization_id_device_id ON device_claims (organization_id, device_id);

CREATE INDEX ix_device_claims_claimed_by ON device_claims (claimed_by);

CREATE UNIQUE INDEX uq_device_claims_open ON device_claims (device_id) WHERE state = 'pending';

CREATE INDEX ix_device_claims_pending ON device_claims (looked_at NULLS FIRST) WHERE state = 'pending';

CREATE TABLE device_claim_requests (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    claim_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    device_id uuid NOT NULL,
    claimant_name text NOT NULL,
    message text,
    answer text,
    answered_by uuid,
    answered_at timestamptz,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_device_claim_requests PRIMARY KEY (id),
    CONSTRAINT uq_device_claim_requests_claim_id_device_id UNIQUE (claim_id, device_id),
    CONSTRAINT fk_device_claim_requests_organization_id_device_id_devices FOREIGN KEY (organization_id, device_id)
        REFERENCES devices (organization_id, id) ON DELETE RESTRICT DEFERRABLE,
    CONSTRAINT fk_device_claim_requests_answered_by_users
        FOREIGN KEY (answered_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT ck_device_claim_requests_answer CHECK (answer IN ('granted', 'refused', 'proven', 'lapsed')),
    CONSTRAINT ck_device_claim_requests_answered CHECK ((answer IS NULL) = (answered_at IS NULL))
);

CREATE INDEX ix_device_claim_requests_organization_id_device_id ON device_claim_requests (organization_id, device_id);

CREATE INDEX ix_device_claim_requests_answered_by ON device_claim_requests (answered_by);

-- The catalogue: everything but bytes. Every table carries its organisation, and every query names it.

CREATE TABLE organisation (
    id         uuid        PRIMARY KEY,
    name       text        NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- The embedded default has one organisation.
INSERT INTO organisation (id, name) VALUES ('00000000-0000-7000-8000-000000000001', 'default');

-- The epoch of garbage collection: advances only when a collection begins. One row.
CREATE TABLE collection_epoch (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch    bigint  NOT NULL
);
INSERT INTO collection_epoch (epoch) VALUES (0);

CREATE TABLE experiment (
    id              uuid        PRIMARY KEY,
    organisation_id uuid        NOT NULL REFERENCES organisation,
    name            text        NOT NULL,
    idempotency_key text,
    created_at      timestamptz NOT NULL,
    UNIQUE (organisation_id, idempotency_key)
);
CREATE INDEX experiment_name ON experiment (organisation_id, name);

CREATE TABLE artifact (
    id              uuid     PRIMARY KEY,
    organisation_id uuid     NOT NULL REFERENCES organisation,
    experiment_id   uuid     NOT NULL REFERENCES experiment,
    type            smallint NOT NULL CHECK (type BETWEEN 1 AND 4),
    -- The chunking profile: the average length in bytes; minimum and maximum follow from it.
    average_chunk   integer  NOT NULL,
    last_snapshot   bigint   NOT NULL DEFAULT 0,
    UNIQUE (experiment_id, type)
);

-- A writer's leased session. Commits before the session's first probe, so that a collection that begins later sees it.
CREATE TABLE push (
    id              uuid        PRIMARY KEY,
    organisation_id uuid        NOT NULL REFERENCES organisation,
    artifact_id     uuid        NOT NULL REFERENCES artifact,
    writer          integer     NOT NULL,
    idempotency_key text        NOT NULL,
    -- 0 open, 1 published, 2 abandoned
    state           smallint    NOT NULL CHECK (state BETWEEN 0 AND 2),
    -- Set by a collection once the lease has ended: nothing is leased to the push any more, and it never opens again.
    fenced          boolean     NOT NULL DEFAULT false,
    start_epoch     bigint      NOT NULL,
    lease_until     timestamptz NOT NULL,
    created_at      timestamptz NOT NULL,
    new_chunks      bigint      NOT NULL DEFAULT 0,
    new_bytes       bigint      NOT NULL DEFAULT 0,
    stored_bytes    bigint      NOT NULL DEFAULT 0,
    root            bytea,
    snapshot_id     uuid,
    UNIQUE (organisation_id, idempotency_key)
);
CREATE INDEX push_open ON push (lease_until) WHERE state = 0;

CREATE TABLE snapshot (
    id              uuid        PRIMARY KEY,
    organisation_id uuid        NOT NULL REFERENCES organisation,
    artifact_id     uuid        NOT NULL REFERENCES artifact,
    number          bigint      NOT NULL CHECK (number > 0),
    root            bytea       NOT NULL,
    writer          integer     NOT NULL,
    created_at      timestamptz NOT NULL,
    files           bigint      NOT NULL,
    directories     bigint      NOT NULL,
    links           bigint      NOT NULL,
    bytes           bigint      NOT NULL,
    new_chunks      bigint      NOT NULL,
    new_bytes       bigint      NOT NULL,
    stored_bytes    bigint      NOT NULL,
    UNIQUE (artifact_id, number)
);
CREATE INDEX snapshot_time ON snapshot (artifact_id, created_at);

CREATE TABLE snapshot_label (
    id              uuid NOT NULL PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisation,
    artifact_id     uuid NOT NULL REFERENCES artifact,
    snapshot_id     uuid NOT NULL REFERENCES snapshot,
    name            text NOT NULL,
    UNIQUE (artifact_id, name)
);
CREATE INDEX snapshot_label_snapshot ON snapshot_label (snapshot_id);

-- The newest layer that each writer has published.
CREATE TABLE writer_layer (
    id              uuid    PRIMARY KEY,
    organisation_id uuid    NOT NULL REFERENCES organisation,
    artifact_id     uuid    NOT NULL REFERENCES artifact,
    writer          integer NOT NULL,
    root            bytea   NOT NULL,
    UNIQUE (artifact_id, writer)
);

CREATE TABLE pack (
    id              uuid        PRIMARY KEY,
    organisation_id uuid        NOT NULL REFERENCES organisation,
    created_at      timestamptz NOT NULL,
    -- 0 open, 1 sealed, 2 given up after a failure or a crash: what is indexed in it is readable, nothing is added
    state           smallint    NOT NULL CHECK (state BETWEEN 0 AND 2),
    length          bigint      NOT NULL
);

-- The chunk index. No foreign keys: it is written in bulk, and the order of writes (bytes, then index row, then node,
-- then snapshot) is what holds it together.
CREATE TABLE chunk (
    organisation_id uuid     NOT NULL,
    digest          bytea    NOT NULL,
    pack_id         uuid     NOT NULL,
    -- Of the record's header in its pack.
    record_offset   bigint   NOT NULL,
    stored_length   integer  NOT NULL,
    length          integer  NOT NULL,
    codec           smallint NOT NULL,
    kind            smallint NOT NULL,
    epoch           bigint   NOT NULL,
    -- 0 live, 1 condemned (counts as missing)
    state           smallint NOT NULL,
    PRIMARY KEY (organisation_id, digest)
) PARTITION BY HASH (digest);

DO $$
BEGIN
    FOR remainder IN 0..15 LOOP
        EXECUTE format('CREATE TABLE chunk_%s PARTITION OF chunk FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
                       lpad(remainder::text, 2, '0'), remainder);
    END LOOP;
END $$;

-- Several writers, one artifact: layers, cuts, notes, collisions.

ALTER TABLE artifact
    -- The place of the newest cut, in the order in which their first layers arrived.
    ADD COLUMN last_cut bigint NOT NULL DEFAULT 0,
    -- The cut whose layers the artifact has now; null once a layer was published without one.
    ADD COLUMN current_cut uuid;

ALTER TABLE snapshot
    ADD COLUMN writers integer NOT NULL DEFAULT 1,
    -- The name of its cut.
    ADD COLUMN cut text,
    ADD COLUMN incomplete boolean NOT NULL DEFAULT false,
    -- The ranks that its cut ended without, ascending, separated by commas.
    ADD COLUMN missing_ranks text NOT NULL DEFAULT '',
    ADD COLUMN collisions bigint NOT NULL DEFAULT 0,
    ADD COLUMN notes bigint NOT NULL DEFAULT 0,
    ADD COLUMN notes_omitted bigint NOT NULL DEFAULT 0;
CREATE INDEX snapshot_complete ON snapshot (artifact_id, number) WHERE NOT incomplete;

-- A moment at which the layers of several writers belong together.
CREATE TABLE cut (
    id              uuid        PRIMARY KEY,
    organisation_id uuid        NOT NULL REFERENCES organisation,
    artifact_id     uuid        NOT NULL REFERENCES artifact,
    name            text        NOT NULL,
    writers         integer     NOT NULL CHECK (writers > 0),
    -- From 1, in the order in which the first layers arrived: the order in which the cuts of an artifact end.
    place           bigint      NOT NULL,
    deadline        timestamptz NOT NULL,
    arrived         integer     NOT NULL,
    -- Null until it has ended.
    snapshot_id     uuid        REFERENCES snapshot,
    UNIQUE (artifact_id, name),
    UNIQUE (artifact_id, place)
);
CREATE INDEX cut_pending ON cut (artifact_id, place) WHERE snapshot_id IS NULL;

ALTER TABLE push ADD COLUMN cut_id uuid REFERENCES cut;

-- A label that is taken before its snapshot is there belongs to a cut.
ALTER TABLE snapshot_label
    ALTER COLUMN snapshot_id DROP NOT NULL,
    ADD COLUMN cut_id uuid REFERENCES cut,
    ADD CHECK (snapshot_id IS NOT NULL OR cut_id IS NOT NULL);
CREATE INDEX snapshot_label_cut ON snapshot_label (cut_id) WHERE cut_id IS NOT NULL;

-- What a writer has published. A layer without a first snapshot waits for its cut, one with a first and without a last
-- is part of the artifact now: all that these name must stay. One with both is history, and keeps its notes for them.
ALTER TABLE writer_layer RENAME TO layer;
ALTER TABLE layer
    DROP CONSTRAINT writer_layer_artifact_id_writer_key,
    ADD COLUMN cut_id uuid REFERENCES cut,
    ADD COLUMN first_snapshot bigint,
    ADD COLUMN last_snapshot bigint,
    ADD COLUMN notes integer NOT NULL DEFAULT 0,
    ADD COLUMN notes_omitted bigint NOT NULL DEFAULT 0;
UPDATE layer SET first_snapshot = artifact.last_snapshot FROM artifact WHERE artifact.id = layer.artifact_id;
ALTER TABLE layer ADD CHECK (cut_id IS NOT NULL OR first_snapshot IS NOT NULL);
CREATE UNIQUE INDEX layer_pending ON layer (cut_id, writer) WHERE first_snapshot IS NULL;
CREATE UNIQUE INDEX layer_current ON layer (artifact_id, writer) WHERE first_snapshot IS NOT NULL AND last_snapshot IS NULL;
CREATE INDEX layer_writer ON layer (artifact_id, writer) WHERE last_snapshot IS NULL;
CREATE INDEX layer_notes ON layer (artifact_id, first_snapshot) WHERE notes > 0;

CREATE TABLE note (
    layer_id        uuid    NOT NULL REFERENCES layer ON DELETE CASCADE,
    -- From 0, as the writer gave them.
    place           integer NOT NULL,
    organisation_id uuid    NOT NULL REFERENCES organisation,
    kind            text    NOT NULL,
    path            text    NOT NULL,
    detail          text    NOT NULL,
    PRIMARY KEY (layer_id, place)
);

-- One path that two layers of an artifact claim with different content, from one snapshot to another.
CREATE TABLE collision (
    organisation_id uuid     NOT NULL REFERENCES organisation,
    artifact_id     uuid     NOT NULL REFERENCES artifact,
    -- The path in UTF-8 with NUL in the place of '/': so bytes are ordered as paths are.
    path            bytea    NOT NULL,
    -- Of each side: the writer; the type of the entry as in docs/formats/manifest.md; what an entry of this type has.
    kept_writer     integer  NOT NULL,
    kept_type       smallint NOT NULL,
    kept_mode       integer,
    kept_size       bigint,
    kept_seconds    bigint,
    kept_nanos      integer,
    kept_digest     bytea,
    kept_target     text,
    other_writer    integer  NOT NULL,
    other_type      smallint NOT NULL,
    other_mode      integer,
    other_size      bigint,
    other_seconds   bigint,
    other_nanos     integer,
    other_digest    bytea,
    other_target    text,
    first_snapshot  bigint   NOT NULL,
    last_snapshot   bigint
);
-- The longest path is too long for an index.
CREATE INDEX collision_path ON collision (artifact_id, substring(path FROM 1 FOR 1000));

-- What a composition that is being made will change in the collisions; nobody reads it before it is published.
CREATE TABLE collision_change (
    LIKE collision,
    composition_id  uuid        NOT NULL,
    -- Whether the collision ends, or begins.
    ended           boolean     NOT NULL,
    created_at      timestamptz NOT NULL
);
ALTER TABLE collision_change
    ALTER COLUMN first_snapshot DROP NOT NULL;
CREATE INDEX collision_change_composition ON collision_change (composition_id);
CREATE INDEX collision_change_age ON collision_change (created_at);

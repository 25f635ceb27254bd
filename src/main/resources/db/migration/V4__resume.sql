-- Experiments whose artifacts start as the merge of others'.

ALTER TABLE experiment
    ADD COLUMN resumed boolean NOT NULL DEFAULT false,
    -- SHA-256 of what it was to be created from; null where that was a name alone.
    ADD COLUMN request_digest bytea;

-- The launch file that an experiment was created with, as it was given.
CREATE TABLE launch_file (
    experiment_id   uuid PRIMARY KEY REFERENCES experiment ON DELETE CASCADE,
    organisation_id uuid NOT NULL REFERENCES organisation,
    content         text NOT NULL
);

-- What was found when inputs were merged. Nobody reads it before it belongs to an experiment.
CREATE TABLE resume (
    id              uuid        PRIMARY KEY,
    organisation_id uuid        NOT NULL REFERENCES organisation,
    created_at      timestamptz NOT NULL,
    -- Null until the experiment has been created.
    experiment_id   uuid        UNIQUE REFERENCES experiment ON DELETE CASCADE,
    -- A tidegate.v1.Resume: the inputs, the rules, the totals.
    result          bytea
);
CREATE INDEX resume_unfinished ON resume (created_at) WHERE experiment_id IS NULL;

CREATE TABLE resume_line (
    resume_id       uuid     NOT NULL REFERENCES resume ON DELETE CASCADE,
    -- 0 a collision: a tidegate.v1.ResumeCollision; 1 a warning: a tidegate.v1.ResumeWarning
    kind            smallint NOT NULL CHECK (kind BETWEEN 0 AND 1),
    -- From 0, as they were found.
    place           bigint   NOT NULL,
    organisation_id uuid     NOT NULL REFERENCES organisation,
    line            bytea    NOT NULL,
    PRIMARY KEY (resume_id, kind, place)
);

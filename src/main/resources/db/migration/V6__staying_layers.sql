-- A writer that goes no further stays in later cuts with its last layer.

ALTER TABLE layer
    ADD COLUMN stays boolean NOT NULL DEFAULT false;

-- Publishing again gives the same answer to the same request, and refuses another.

ALTER TABLE push
    -- SHA-256 of what the push was published with besides its root; null where it is open, or was published before this column.
    ADD COLUMN request_digest bytea,
    -- Whether the artifact's newest snapshot had the root already.
    ADD COLUMN unchanged boolean NOT NULL DEFAULT false;

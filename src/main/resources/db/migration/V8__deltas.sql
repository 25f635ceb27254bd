-- Chunks that are stored as what they have other than another one.

ALTER TABLE chunk
    -- The digest of the chunk that this one is a delta of, which is no delta itself and stays for as long as this one does;
    -- null for all others.
    ADD COLUMN base bytea,
    -- Not valid: of what was there before no row has one, and to look would take as long as there are rows.
    ADD CONSTRAINT chunk_delta CHECK ((codec = 4) = (base IS NOT NULL)) NOT VALID;

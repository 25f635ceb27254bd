-- Writers agree on a cut before they push, and on the checkpoint that they push in it.

ALTER TABLE layer
    -- The checkpoints that the layer holds, as lines of a number (or '-'), a space and a name.
    ADD COLUMN generations text NOT NULL DEFAULT '';

ALTER TABLE cut
    -- Null until the first layer has arrived: then its place among the artifact's cuts and its deadline are known.
    ALTER COLUMN place DROP NOT NULL,
    ALTER COLUMN deadline DROP NOT NULL,
    ADD COLUMN created_at timestamptz NOT NULL DEFAULT now();

-- Which deltas a chunk is needed for. Beside the column, in a transaction of its own: it keeps writers waiting, and no readers.

CREATE INDEX chunk_base ON chunk (organisation_id, base) WHERE base IS NOT NULL;

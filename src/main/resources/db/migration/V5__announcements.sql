-- Whoever watches an artifact is told of each new snapshot, however it came to be, once it is committed.

CREATE FUNCTION announce_snapshot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('tidegate_snapshot', NEW.artifact_id::text);
    RETURN NULL;
END $$;

CREATE TRIGGER snapshot_announced AFTER INSERT ON snapshot FOR EACH ROW EXECUTE FUNCTION announce_snapshot();

-- Refuses a category that would stand below itself, also when two moves run at once.
-- The table is named by the trigger's own relation: right for every schema and every search_path.
-- The row itself is locked by the statement that fired the trigger. Each ancestor is locked FOR SHARE until the
-- transaction ends, so that it cannot move meanwhile: of several moves that close a circle together, the last to
-- look waits for the others and then sees them, or the deadlock detector ends one of them. At REPEATABLE READ the
-- lock itself fails (40001) when an ancestor moved since the snapshot.
CREATE FUNCTION commerce_refuse_category_cycle() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    seen uuid[] := ARRAY[NEW.id];
    ancestor uuid := NEW.parent_id;
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.id, NEW.parent_id) IS NOT DISTINCT FROM (OLD.id, OLD.parent_id) THEN
        RETURN NULL;
    END IF;
    WHILE ancestor IS NOT NULL LOOP
        IF ancestor = ANY (seen) THEN
            RAISE EXCEPTION 'category % would stand below itself', NEW.id
                USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'commerce_category_acyclic';
        END IF;
        seen := seen || ancestor;
        EXECUTE format('SELECT parent_id FROM %s WHERE id = $1 FOR SHARE', TG_RELID::regclass)
            INTO ancestor USING ancestor;
    END LOOP;
    RETURN NULL;
END
$$

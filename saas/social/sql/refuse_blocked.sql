-- Refuses a row between two of whom one has blocked the other. Arguments: the two columns, the constraint's name.
CREATE FUNCTION social_refuse_blocked() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    one uuid := (to_jsonb(NEW) ->> TG_ARGV[0])::uuid;
    other uuid := (to_jsonb(NEW) ->> TG_ARGV[1])::uuid;
    blocked boolean;
BEGIN
    EXECUTE format(
        'SELECT EXISTS (SELECT FROM %I.social_block WHERE (blocker_id, blocked_id) IN (($1, $2), ($2, $1)))',
        TG_TABLE_SCHEMA)
        INTO blocked USING one, other;
    IF blocked THEN
        RAISE EXCEPTION 'one of % and % has blocked the other', one, other
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_ARGV[2];
    END IF;
    RETURN NEW;
END
$$

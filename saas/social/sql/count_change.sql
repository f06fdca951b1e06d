-- Keeps counters in another table when a row begins or ceases to count: a soft delete, a request that is accepted.
-- Arguments: the table with the counters, its key, the step (1 or -1), then pairs: a column here, a counter there.
CREATE FUNCTION social_count_change() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    target text := format('%I.%I', TG_TABLE_SCHEMA, TG_ARGV[0]);
    found jsonb := to_jsonb(NEW);
    keys uuid[] := '{}';
BEGIN
    FOR pair IN 3 .. TG_NARGS - 1 BY 2 LOOP
        keys := keys || (found ->> TG_ARGV[pair])::uuid;
    END LOOP;
    EXECUTE format(
        'SELECT FROM %s WHERE %I = ANY ($1) ORDER BY %I FOR NO KEY UPDATE', target, TG_ARGV[1], TG_ARGV[1])
        USING keys;
    FOR pair IN 3 .. TG_NARGS - 1 BY 2 LOOP
        EXECUTE format(
            'UPDATE %s SET %I = %I + $1 WHERE %I = $2', target, TG_ARGV[pair + 1], TG_ARGV[pair + 1], TG_ARGV[1])
            USING TG_ARGV[2]::int, (found ->> TG_ARGV[pair])::uuid;
    END LOOP;
    RETURN NULL;
END
$$

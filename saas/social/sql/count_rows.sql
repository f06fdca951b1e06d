-- Keeps counters in another table: once per statement that inserts or deletes rows, however many.
-- Arguments: the table with the counters, its key, which rows count, then pairs: a column here, a counter there.
-- The counted rows are locked in the order of their keys, so that two statements that count the same rows in another
-- order (two who follow each other at once) wait and do not deadlock. Nothing here names a schema.
CREATE FUNCTION social_count_rows() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    target text := format('%I.%I', TG_TABLE_SCHEMA, TG_ARGV[0]);
    step int := CASE TG_OP WHEN 'DELETE' THEN -1 ELSE 1 END;
    keys text[] := '{}';
BEGIN
    FOR pair IN 3 .. TG_NARGS - 1 BY 2 LOOP
        keys := keys || format('SELECT %I FROM changed WHERE %s', TG_ARGV[pair], TG_ARGV[2]);
    END LOOP;
    EXECUTE format(
        'SELECT FROM %s WHERE %I IN (%s) ORDER BY %I FOR NO KEY UPDATE',
        target, TG_ARGV[1], array_to_string(keys, ' UNION '), TG_ARGV[1]);
    FOR pair IN 3 .. TG_NARGS - 1 BY 2 LOOP
        EXECUTE format(
            'UPDATE %s AS counted SET %I = counted.%I + $1 * found.count'
            ' FROM (SELECT %I AS key, count(*) FROM changed WHERE %s GROUP BY 1) AS found WHERE counted.%I = found.key',
            target, TG_ARGV[pair + 1], TG_ARGV[pair + 1], TG_ARGV[pair], TG_ARGV[2], TG_ARGV[1])
            USING step;
    END LOOP;
    RETURN NULL;
END
$$

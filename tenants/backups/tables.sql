-- tables --
SELECT c.relname::text,
       (SELECT array_agg(a.attname::text ORDER BY a.attnum)
        FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''),
       coalesce((SELECT array_agg(a.attname::text ORDER BY k.position)
        FROM pg_index i
        CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, position)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
        WHERE i.indrelid = c.oid AND i.indisprimary), ARRAY[]::text[])
FROM pg_class c
WHERE c.relnamespace = to_regnamespace(%(schema)s)::oid AND c.relkind = 'r'
ORDER BY c.relname

-- sequences --
SELECT sequencename::text, last_value
FROM pg_sequences
WHERE schemaname = %(schema)s AND last_value IS NOT NULL
ORDER BY sequencename

-- What the migration operations ask the catalog before they trust what they made.

-- read_past_policies --
-- What a view reads that answers with its owner's rights: views without security_invoker (itself too), materialized views.
-- A definer function in a view is a finding of the audit as it stands, whoever calls it.
WITH RECURSIVE read (oid) AS (
    SELECT to_regclass(%(view)s)::oid
    UNION
    SELECT d.refobjid FROM read
    JOIN pg_rewrite r ON r.ev_class = read.oid
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
)
SELECT c.oid::regclass::text FROM read JOIN pg_class c USING (oid)
WHERE c.relkind IN ('m', 'f') OR c.relkind = 'v'
    AND NOT coalesce((
        SELECT option_value::boolean FROM pg_options_to_table(c.reloptions) WHERE option_name = 'security_invoker'
    ), false)
ORDER BY 1

-- unique_without --
-- Unique indexes of a table that do not hold the column: a violation tells one tenant what another one has.
SELECT i.relname::text FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
WHERE x.indrelid = to_regclass(%(table)s) AND x.indisunique AND NOT x.indisprimary
    AND NOT EXISTS (
        SELECT FROM pg_attribute a
        WHERE a.attrelid = x.indrelid AND a.attname = %(column)s AND a.attnum = ANY (x.indkey::int2[])
    )
ORDER BY 1

-- serial_sequences --
-- Sequences that a column's default asks for the next number; one of an identity column needs no grant.
SELECT n.nspname::text, s.relname::text FROM pg_depend d
JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_namespace n ON n.oid = s.relnamespace
WHERE d.classid = 'pg_class'::regclass AND d.refobjid = to_regclass(%(table)s) AND d.deptype = 'a'

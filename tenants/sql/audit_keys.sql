-- Foreign keys that hold rows of shared tables together; what models say must hold is asked of them.

-- composite --
-- (table, column, target): the column, together with tenant_id, is a validated foreign key to the target's row and tenant_id.
SELECT c.conrelid::regclass::text, a.attname::text, t.relname::text
FROM pg_constraint c
JOIN pg_class t ON t.oid = c.confrelid
CROSS JOIN LATERAL unnest(c.conkey) AS key (attnum)
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = key.attnum
WHERE c.contype = 'f' AND c.convalidated AND c.connamespace = 'public'::regnamespace AND a.attname <> 'tenant_id'
    AND EXISTS (
        SELECT FROM unnest(c.conkey, c.confkey) AS pair (own, their)
        JOIN pg_attribute own ON own.attrelid = c.conrelid AND own.attnum = pair.own
        JOIN pg_attribute their ON their.attrelid = c.confrelid AND their.attnum = pair.their
        WHERE own.attname = 'tenant_id' AND their.attname = 'tenant_id'
    )

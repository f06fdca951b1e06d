-- What roles of tenant-facing processes may do beyond their own rows: privileges as the server has them now.

-- functions --
-- Functions of pg_catalog, by the number of the pattern that they match.
SELECT pattern.number, array_agg(DISTINCT p.proname::text ORDER BY p.proname::text)
FROM unnest(%(patterns)s::text[]) WITH ORDINALITY AS pattern (name, number)
JOIN pg_proc p ON p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ pattern.name
WHERE has_function_privilege('tenant', p.oid, 'EXECUTE') OR has_function_privilege('identity', p.oid, 'EXECUTE')
    OR EXISTS (
        SELECT FROM aclexplode(p.proacl) a JOIN pg_roles r ON r.oid = a.grantee
        WHERE r.rolname ~ '^t_[0-9a-f]{32}$'
    )
GROUP BY 1

-- superuser_functions --
-- What initdb gives to nobody: it reads and writes the server's files, or rules over the whole server.
SELECT p.oid::regprocedure::text, string_agg(role, ', ' ORDER BY role)
FROM pg_proc p
JOIN pg_init_privs i ON i.classoid = 'pg_proc'::regclass AND i.objoid = p.oid AND i.objsubid = 0
CROSS JOIN unnest(ARRAY['tenant', 'identity', 'app', 'console', 'backup', 'owner']) AS role
WHERE p.pronamespace = 'pg_catalog'::regnamespace AND has_function_privilege(role, p.oid, 'EXECUTE')
    AND NOT EXISTS (SELECT FROM aclexplode(i.initprivs) a WHERE a.grantee <> p.proowner)
GROUP BY p.oid

-- languages --
SELECT lanname::text FROM pg_language
WHERE lanname NOT IN ('internal', 'c', 'sql')
    AND (has_language_privilege('tenant', oid, 'USAGE') OR has_language_privilege('identity', oid, 'USAGE'))

-- estimates --
SELECT has_column_privilege('tenant', 'pg_catalog.pg_class', 'reltuples', 'SELECT')

-- places --
SELECT kind, name, privilege FROM (
    SELECT 'database' AS kind, current_database()::text AS name, privilege,
        bool_or(has_database_privilege(role, current_database(), privilege)) AS given
    FROM unnest(ARRAY['TEMP', 'CREATE']) AS privilege, unnest(ARRAY['tenant', 'identity', 'app']) AS role
    GROUP BY privilege
    UNION ALL
    SELECT 'schema', n.nspname, 'CREATE', bool_or(has_schema_privilege(role, n.oid, 'CREATE'))
    FROM pg_namespace n, unnest(ARRAY['tenant', 'identity', 'app']) AS role
    WHERE n.nspname !~ '^pg_(toast|temp)' GROUP BY n.nspname
) AS place WHERE given

-- ways_out --
-- Roles that a tenant-facing role is a member of, directly or through others, beside its own kind.
SELECT m.rolname::text, string_agg(r.rolname::text, ', ' ORDER BY r.rolname::text)
FROM pg_roles m JOIN pg_roles r ON r.oid <> m.oid AND pg_has_role(m.oid, r.oid, 'MEMBER')
WHERE NOT m.rolsuper AND (
    m.rolname = 'app' AND r.rolname NOT IN ('identity', 'tenant') AND r.rolname !~ '^t_[0-9a-f]{32}$'
    OR m.rolname IN ('identity', 'tenant')
    OR m.rolname ~ '^t_[0-9a-f]{32}$' AND r.rolname <> 'tenant')
GROUP BY m.rolname

-- extensions --
SELECT e.extname::text, array_agg(DISTINCT coalesce(p.proname, c.relname)::text ORDER BY coalesce(p.proname, c.relname)::text)
FROM pg_extension e
JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
LEFT JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind IN ('r', 'v', 'm', 'f')
WHERE e.extname = ANY (%(watching)s::text[])
    AND has_schema_privilege('tenant', coalesce(p.pronamespace, c.relnamespace), 'USAGE')
    AND (has_function_privilege('tenant', p.oid, 'EXECUTE') OR has_table_privilege('tenant', c.oid, 'SELECT'))
GROUP BY e.extname

-- new_functions --
-- Whether PUBLIC may run what owner makes from now on. No entry means PostgreSQL's default, which is yes.
SELECT NOT EXISTS (
    SELECT FROM pg_default_acl d
    WHERE d.defaclnamespace = 0 AND d.defaclobjtype = 'f' AND d.defaclrole = 'owner'::regrole
        AND NOT EXISTS (SELECT FROM aclexplode(d.defaclacl) a WHERE a.grantee = 0)
)

-- grants --
-- What tenant-facing roles may do with rows of `public`. Rules of the catalog speak of other roles and other privileges.
SELECT c.relname::text, r.rolname::text, array_agg(a.privilege_type)
FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND r.rolname IN ('tenant', 'app', 'identity') AND a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
GROUP BY c.relname, r.rolname
ORDER BY 1, 2

-- Rules of the audit for access: owners, roles and their memberships, grants and settings.
-- The form is that of audit_tables.sql: a query is a rule, a row is a finding (object, problem, repair).

-- owner_differs --
-- Whoever owns an object may drop its policies: everything of ours belongs to `owner`, who serves no request.
SELECT format('%%s %%s', kind, identity), format('It belongs to %%s.', r.rolname),
    format('ALTER %%s %%s OWNER TO owner', upper(kind), identity)
FROM (
    SELECT 'schema' AS kind, quote_ident(nspname) AS identity, nspowner AS owner, 'pg_namespace'::regclass AS class, oid
    FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')
    UNION ALL
    SELECT CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                          WHEN 'f' THEN 'foreign table' ELSE 'table' END,
        format('%%I.%%I', n.nspname, c.relname), c.relowner, 'pg_class'::regclass, c.oid
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    UNION ALL
    SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
        p.oid::regprocedure::text, p.proowner, 'pg_proc'::regclass, p.oid
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    UNION ALL
    SELECT 'type', format('%%I.%%I', n.nspname, t.typname), t.typowner, 'pg_type'::regclass, t.oid
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typtype IN ('d', 'e') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    UNION ALL
    -- Of every other kind (operators, collations, ranges, servers) what one of our other roles owns.
    SELECT i.type, i.identity, d.refobjid, d.classid, d.objid
    FROM pg_shdepend d JOIN pg_database b ON b.oid = d.dbid AND b.datname = current_database()
    JOIN pg_roles o ON d.refclassid = 'pg_authid'::regclass AND o.oid = d.refobjid
    CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) i
    WHERE d.deptype = 'o' AND d.classid NOT IN ('pg_namespace'::regclass, 'pg_proc'::regclass, 'pg_default_acl'::regclass)
      AND (o.rolname IN ('app', 'console', 'backup', 'identity', 'tenant') OR o.rolname ~ '^t_[0-9a-f]{32}$')
      AND NOT EXISTS (SELECT FROM pg_class c
                      WHERE d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind <> 'c')
      AND NOT EXISTS (SELECT FROM pg_type t
                      WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid AND t.typtype IN ('d', 'e'))
) AS ours
JOIN pg_roles r ON r.oid = ours.owner
WHERE r.rolname <> 'owner'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = ours.class AND d.objid = ours.oid AND d.deptype = 'e')

-- schema_unknown --
-- What is shared stands in `public` and what is a tenant's in its schema: elsewhere the audit would prove nothing.
SELECT format('schema %%I', n.nspname), 'It is neither public nor named like a schema of ours: no rule is about its tables.',
    'Move its tables to public, or name it with the reason in audit_allows of an AppConfig.'
FROM pg_namespace n
-- A tenant's; retired; scratch; staging.
WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public') AND n.nspname !~ '^[trxs]_[0-9a-f]{32}$'

-- create_on_schema --
-- Who may create in a schema can plant a function or a table that others run or fill.
SELECT format('schema %%I', n.nspname), format('%%s may create in it.', coalesce(r.rolname, 'PUBLIC')),
    format('REVOKE CREATE ON SCHEMA %%I FROM %%s', n.nspname, coalesce(quote_ident(r.rolname), 'PUBLIC'))
FROM pg_namespace n
CROSS JOIN LATERAL aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner AND r.rolsuper IS NOT TRUE
  AND coalesce(r.rolname, '') <> 'owner' AND n.nspname !~ '^pg_(toast|temp)'

-- schema_usage_unexpected --
-- `public` is open to our roles by name, and to nobody else.
SELECT 'schema public', format('%%s may use it.', coalesce(r.rolname, 'PUBLIC')),
    format('REVOKE ALL ON SCHEMA public FROM %%s', coalesce(quote_ident(r.rolname), 'PUBLIC'))
FROM pg_namespace n
CROSS JOIN LATERAL aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE n.nspname = 'public' AND a.privilege_type = 'USAGE' AND a.grantee <> n.nspowner AND r.rolsuper IS NOT TRUE
  AND coalesce(r.rolname, '') NOT IN ('owner', 'app', 'console', 'backup', 'identity', 'tenant')

-- database_privilege --
-- TEMP is an inbox on a pooled session, CREATE a schema of one's own; PUBLIC would include every role to come.
SELECT format('database %%I', d.datname),
    format('%%s has %%s.', coalesce(r.rolname, 'PUBLIC'), string_agg(a.privilege_type, ', ')),
    format('REVOKE %%s ON DATABASE %%I FROM %%s', string_agg(a.privilege_type, ', '), d.datname,
           coalesce(quote_ident(r.rolname), 'PUBLIC'))
FROM pg_database d
CROSS JOIN LATERAL aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE d.datname = current_database() AND a.grantee <> d.datdba AND r.rolsuper IS NOT TRUE
  -- tenant: whose role logs in by itself in strict mode.
  AND NOT (a.privilege_type = 'CONNECT' AND coalesce(r.rolname, '') IN ('owner', 'app', 'console', 'backup', 'tenant'))
  AND NOT (a.privilege_type = 'CREATE' AND coalesce(r.rolname, '') = 'owner')
GROUP BY d.datname, r.rolname

-- role_missing --
-- Without one of the six roles, policies and grants for it do not exist either.
SELECT format('role %%s', name), 'It does not exist.', 'Run deploy/roles.sql as the administrator.'
FROM unnest(ARRAY['owner', 'app', 'console', 'backup', 'identity', 'tenant']) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)

-- role_attribute --
-- SUPERUSER and BYPASSRLS skip every policy, REPLICATION reads every page; INHERIT makes a membership a grant.
SELECT format('role %%s', r.rolname),
    CASE WHEN has THEN format('It has %%s.', attribute) ELSE format('It has no %%s.', attribute) END,
    format('ALTER ROLE %%I %%s%%s', r.rolname, CASE WHEN has THEN 'NO' ELSE '' END, attribute)
FROM (VALUES
    ('owner', true, true, true), ('app', true, false, false), ('console', true, false, false),
    ('backup', true, false, false), ('identity', false, false, false), ('tenant', false, false, false),
    ('t_*', false, true, false)
) AS wanted (name, login, inherits, creates_roles)
JOIN pg_roles r ON r.rolname = wanted.name OR wanted.name = 't_*' AND r.rolname ~ '^t_[0-9a-f]{32}$'
CROSS JOIN LATERAL (VALUES
    ('SUPERUSER', r.rolsuper, false), ('BYPASSRLS', r.rolbypassrls, false), ('REPLICATION', r.rolreplication, false),
    ('CREATEDB', r.rolcreatedb, false), ('CREATEROLE', r.rolcreaterole, wanted.creates_roles),
    ('LOGIN', r.rolcanlogin, wanted.login), ('INHERIT', r.rolinherit, wanted.inherits)
) AS part (attribute, has, wants)
WHERE has <> wants
  -- A tenant in strict mode logs in by itself, and then `app` cannot become it.
  AND NOT (attribute = 'LOGIN' AND wanted.name = 't_*' AND NOT EXISTS (
    SELECT FROM pg_auth_members e JOIN pg_roles m ON m.oid = e.member WHERE e.roleid = r.oid AND m.rolname = 'app'))

-- membership_unexpected --
-- Who may become whom: `app` a tenant or `identity`, a tenant what `tenant` may, and nobody `owner` or `console`.
SELECT format('membership of %%I in %%I', m.rolname, g.rolname), format('%%s can act as %%s.', m.rolname, g.rolname),
    -- From 16 on each grantor has a grant of its own.
    string_agg(format('REVOKE %%s%%I FROM %%I GRANTED BY %%I',
        CASE WHEN m.rolname = 'app' AND (to_tenant OR g.rolname = 'identity') OR from_tenant AND g.rolname = 'tenant'
             THEN 'ADMIN OPTION FOR ' ELSE '' END,
        g.rolname, m.rolname, pg_get_userbyid(e.grantor)), '; ')
FROM pg_auth_members e JOIN pg_roles g ON g.oid = e.roleid JOIN pg_roles m ON m.oid = e.member
CROSS JOIN LATERAL (
    SELECT g.rolname ~ '^t_[0-9a-f]{32}$' AS to_tenant, m.rolname ~ '^t_[0-9a-f]{32}$' AS from_tenant,
        g.rolname IN ('owner', 'app', 'console', 'backup', 'identity', 'tenant') AS to_ours,
        m.rolname IN ('owner', 'app', 'console', 'backup', 'identity', 'tenant') AS from_ours
) AS side
WHERE (to_tenant OR to_ours OR from_tenant OR from_ours)
  AND NOT (m.rolname = 'app' AND (to_tenant OR g.rolname = 'identity') AND NOT e.admin_option)
  AND NOT (from_tenant AND g.rolname = 'tenant' AND NOT e.admin_option)
  AND NOT (m.rolname = 'owner' AND (to_tenant OR g.rolname = 'tenant'))
  -- An administrator: who makes roles owns them from 16 on.
  AND NOT (NOT from_ours AND NOT from_tenant AND (m.rolsuper OR m.rolcreaterole))
GROUP BY m.rolname, g.rolname

-- membership_inherited --
-- `app` becomes a tenant by SET ROLE and has nothing of any tenant before. On 15 its NOINHERIT does that alone.
SELECT format('membership of app in %%I', g.rolname), 'app has its privileges without SET ROLE.',
    format('GRANT %%I TO app WITH INHERIT FALSE, SET TRUE', g.rolname)
FROM pg_auth_members e JOIN pg_roles g ON g.oid = e.roleid JOIN pg_roles m ON m.oid = e.member
WHERE m.rolname = 'app' AND to_jsonb(e) ->> 'inherit_option' = 'true'

-- grant_in_tenant_schema --
-- In a tenant's schema its own role has DML, `backup` reads, and nobody else has anything.
SELECT format('%%s %%s', kind, identity),
    format('%%s has %%s.', coalesce(r.rolname, 'PUBLIC'), string_agg(a.privilege_type, ', ')),
    format('REVOKE %%s ON %%s %%s FROM %%s', string_agg(a.privilege_type, ', '), upper(kind), identity,
           coalesce(quote_ident(r.rolname), 'PUBLIC'))
FROM (
    SELECT 'schema' AS kind, quote_ident(nspname) AS identity, nspname AS schema, nspowner AS owner, nspacl AS acl
    FROM pg_namespace
    UNION ALL
    SELECT CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, format('%%I.%%I', n.nspname, c.relname), n.nspname,
        c.relowner, c.relacl
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relacl IS NOT NULL
) AS ours
CROSS JOIN LATERAL aclexplode(ours.acl) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE ours.schema ~ '^t_[0-9a-f]{32}$' AND a.grantee <> ours.owner
  AND NOT (r.rolname IS NOT DISTINCT FROM ours.schema AND (
    kind = 'schema' AND a.privilege_type = 'USAGE'
    OR kind = 'table' AND a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    OR kind = 'sequence' AND a.privilege_type IN ('USAGE', 'SELECT')))
  AND NOT (coalesce(r.rolname, '') = 'backup' AND (
    kind = 'schema' AND a.privilege_type = 'USAGE' OR kind <> 'schema' AND a.privilege_type = 'SELECT'))
  AND NOT (a.privilege_type = 'CREATE')  -- create_on_schema says so
GROUP BY kind, identity, r.rolname

-- grant_to_stranger --
-- In `public` only our roles have privileges; a tenant's role has those of the group `tenant` and none of its own.
SELECT format('%%s %%I.%%I', CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, n.nspname, c.relname),
    format('%%s has %%s.', coalesce(r.rolname, 'PUBLIC'), string_agg(a.privilege_type, ', ')),
    format('REVOKE ALL ON %%I.%%I FROM %%s', n.nspname, c.relname, coalesce(quote_ident(r.rolname), 'PUBLIC'))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL aclexplode(c.relacl) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE n.nspname = 'public' AND a.grantee <> c.relowner AND r.rolsuper IS NOT TRUE
  AND coalesce(r.rolname, '') NOT IN ('owner', 'app', 'console', 'backup', 'identity', 'tenant')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
GROUP BY c.relkind, n.nspname, c.relname, r.rolname

-- grant_bypasses_policies --
-- No policy is asked for TRUNCATE, REFERENCES tells what exists, TRIGGER runs code as whoever writes next.
SELECT format('table %%I.%%I', n.nspname, c.relname),
    format('%%s has %%s.', r.rolname, string_agg(a.privilege_type, ', ')),
    format('REVOKE %%s ON %%I.%%I FROM %%I', string_agg(a.privilege_type, ', '), n.nspname, c.relname, r.rolname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL aclexplode(c.relacl) a
JOIN pg_roles r ON r.oid = a.grantee
WHERE n.nspname = 'public' AND c.relkind <> 'S' AND a.grantee <> c.relowner
  AND r.rolname IN ('app', 'console', 'backup', 'identity', 'tenant')
  AND a.privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
GROUP BY n.nspname, c.relname, r.rolname

-- grant_option --
-- Only the owner decides who may do what.
SELECT format('%%s %%s', kind, identity),
    format('%%s may pass on %%s.', r.rolname, string_agg(a.privilege_type, ', ')),
    format('REVOKE GRANT OPTION FOR %%s ON %%s %%s FROM %%I', string_agg(a.privilege_type, ', '), upper(kind), identity,
           r.rolname)
FROM (
    SELECT 'schema' AS kind, quote_ident(nspname) AS identity, nspname AS schema, nspowner AS owner, nspacl AS acl
    FROM pg_namespace
    UNION ALL
    SELECT CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, format('%%I.%%I', n.nspname, c.relname), n.nspname,
        c.relowner, c.relacl
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relacl IS NOT NULL
    UNION ALL
    SELECT 'function', p.oid::regprocedure::text, n.nspname, p.proowner, p.proacl
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.proacl IS NOT NULL
) AS ours
CROSS JOIN LATERAL aclexplode(ours.acl) a
JOIN pg_roles r ON r.oid = a.grantee
WHERE a.is_grantable AND a.grantee <> ours.owner AND NOT r.rolsuper AND r.rolname <> 'owner'
  AND ours.schema !~ '^pg_(toast|temp)'
GROUP BY kind, identity, r.rolname

-- grant_on_column --
-- Grants of columns are seen in no list of a table's grants, and a column that is added later is not among them.
SELECT format('column %%I.%%I.%%I', n.nspname, c.relname, t.attname),
    format('%%s has %%s.', coalesce(r.rolname, 'PUBLIC'), string_agg(a.privilege_type, ', ')),
    format('REVOKE ALL (%%I) ON %%I.%%I FROM %%s', t.attname, n.nspname, c.relname,
           coalesce(quote_ident(r.rolname), 'PUBLIC'))
FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL aclexplode(t.attacl) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE t.attacl IS NOT NULL AND a.grantee <> c.relowner AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
GROUP BY n.nspname, c.relname, t.attname, r.rolname

-- default_privileges --
-- Tables of later migrations get what ddl.create_empty promised in a tenant's schema, and nothing anywhere else.
SELECT format('default privileges in %%s', coalesce(quote_ident(schema), 'all schemas')),
    format('%%s %%s on %%s.', grantee, CASE WHEN is_there THEN 'will have ' || privilege ELSE 'will lack ' || privilege END,
           lower(kind)),
    concat_ws(' ', CASE WHEN grantor <> 'owner' THEN format('SET ROLE %%I;', grantor) END, 'ALTER DEFAULT PRIVILEGES',
              'IN SCHEMA ' || quote_ident(schema), CASE WHEN is_there THEN 'REVOKE' ELSE 'GRANT' END, privilege, 'ON', kind,
              CASE WHEN is_there THEN 'FROM' ELSE 'TO' END,
              CASE grantee WHEN 'PUBLIC' THEN 'PUBLIC' ELSE quote_ident(grantee) END)
FROM (
    SELECT n.nspname::text AS schema, o.rolname::text AS grantor,
        CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                             WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END AS kind,
        coalesce(r.rolname, 'PUBLIC')::text AS grantee, a.privilege_type AS privilege, true AS is_there
    FROM pg_default_acl d JOIN pg_roles o ON o.oid = d.defaclrole
    LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
    CROSS JOIN LATERAL aclexplode(d.defaclacl) a
    LEFT JOIN pg_roles r ON r.oid = a.grantee
    WHERE a.grantee <> d.defaclrole
) AS found
FULL JOIN (
    SELECT nspname::text AS schema, 'owner' AS grantor, kind,
        CASE who WHEN 'self' THEN nspname::text ELSE who END AS grantee, privilege, true AS is_wanted
    FROM pg_namespace CROSS JOIN (VALUES
        ('TABLES', 'self', 'SELECT'), ('TABLES', 'self', 'INSERT'), ('TABLES', 'self', 'UPDATE'),
        ('TABLES', 'self', 'DELETE'), ('SEQUENCES', 'self', 'USAGE'), ('TABLES', 'backup', 'SELECT'),
        ('FUNCTIONS', 'self', 'EXECUTE')
    ) AS promise (kind, who, privilege)
    WHERE nspname ~ '^t_[0-9a-f]{32}$'
) AS wanted USING (schema, grantor, kind, grantee, privilege)
WHERE is_there IS NULL OR is_wanted IS NULL

-- routine_open_by_default --
-- PostgreSQL lets PUBLIC run every new function, unless the default says otherwise.
SELECT 'default privileges in all schemas', 'PUBLIC may run every function that a later migration makes.',
    'As owner: ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON ROUTINES FROM PUBLIC'
WHERE NOT EXISTS (
    SELECT FROM pg_default_acl d JOIN pg_roles r ON r.oid = d.defaclrole
    WHERE r.rolname = 'owner' AND d.defaclnamespace = 0 AND d.defaclobjtype = 'f'
      AND NOT EXISTS (SELECT FROM aclexplode(d.defaclacl) a WHERE a.grantee = 0))

-- role_setting --
-- A login starts with an empty path, so that a name without a schema finds nothing, and in UTC.
SELECT format('setting %%s of role %%s', name, role),
    CASE WHEN found IS NULL THEN 'It is not set in this database.' ELSE format('It is %%L.', found) END,
    CASE WHEN wanted IS NULL
        THEN format('ALTER ROLE %%I %%s RESET %%s', role, scope, name)
        ELSE 'Run deploy/roles.sql as the administrator, in this database.' END
FROM (
    SELECT r.rolname::text AS role, lower(split_part(s, '=', 1)) AS name, trim('"' FROM substr(s, strpos(s, '=') + 1)) AS found,
        CASE WHEN c.setdatabase <> 0 THEN format('IN DATABASE %%I', current_database()) ELSE '' END AS scope
    FROM pg_db_role_setting c JOIN pg_roles r ON r.oid = c.setrole
    CROSS JOIN LATERAL unnest(c.setconfig) AS s
    WHERE c.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
      AND (r.rolname IN ('owner', 'app', 'console', 'backup') OR r.rolname ~ '^t_[0-9a-f]{32}$')
      AND lower(split_part(s, '=', 1)) IN ('search_path', 'timezone', 'role', 'row_security', 'session_replication_role')
) AS there
FULL JOIN (
    SELECT role, name, CASE WHEN name = 'timezone' THEN 'UTC' WHEN role = 'owner' THEN 'public' ELSE '' END AS wanted
    FROM unnest(ARRAY['owner', 'app', 'console', 'backup']) AS role, unnest(ARRAY['search_path', 'timezone']) AS name
) AS expected USING (role, name)
WHERE (found IS DISTINCT FROM wanted OR scope = '')
  -- A tenant in strict mode starts like `app`.
  AND NOT (role ~ '^t_[0-9a-f]{32}$' AND (name, found) IN (('search_path', ''), ('timezone', 'UTC')))

-- setting_of_all_roles --
-- What a database or every role is given holds for each session: without triggers no foreign key is checked.
SELECT format('setting %%s of %%s', name, place), format('Every session starts with %%L.', value),
    CASE place WHEN 'all roles' THEN format('ALTER ROLE ALL RESET %%s', name)
        ELSE format('ALTER DATABASE %%I RESET %%s', current_database(), name) END
FROM pg_db_role_setting c CROSS JOIN LATERAL unnest(c.setconfig) AS s
CROSS JOIN LATERAL (
    SELECT lower(split_part(s, '=', 1)) AS name, substr(s, strpos(s, '=') + 1) AS value,
        CASE c.setdatabase WHEN 0 THEN 'all roles' ELSE format('database %%I', current_database()) END AS place
) AS part
WHERE c.setrole = 0 AND c.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  AND name IN ('role', 'row_security', 'session_replication_role')

-- catalog_grant --
-- The server's own catalogs hold samples of every table's values (pg_statistic) and passwords (pg_authid).
SELECT format('catalog %%s', c.oid::regclass),
    format('%%s has %%s.', coalesce(r.rolname, 'PUBLIC'), string_agg(DISTINCT a.privilege_type, ', ')),
    format('REVOKE ALL ON %%s FROM %%s', c.oid::regclass, coalesce(quote_ident(r.rolname), 'PUBLIC'))
FROM (
    SELECT oid AS relation, 0 AS number, relacl AS acl FROM pg_class
    UNION ALL
    -- deploy/roles.sql gives columns of pg_class itself.
    SELECT attrelid, attnum, attacl FROM pg_attribute WHERE attrelid <> 'pg_class'::regclass
) AS given
JOIN pg_class c ON c.oid = given.relation
CROSS JOIN LATERAL aclexplode(given.acl) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE c.relnamespace = 'pg_catalog'::regnamespace
  AND (a.grantee = 0 OR r.rolname IN ('tenant', 'app', 'identity') OR r.rolname ~ '^t_[0-9a-f]{32}$')
  AND NOT EXISTS (
    SELECT FROM pg_init_privs i CROSS JOIN LATERAL aclexplode(i.initprivs) b
    WHERE i.classoid = 'pg_class'::regclass AND i.objoid = c.oid AND i.objsubid = given.number
      AND (b.grantee, b.privilege_type) = (a.grantee, a.privilege_type))
GROUP BY c.oid, r.rolname

-- parameter_grant --
-- A superuser's setting switches triggers and foreign keys off (session_replication_role).
SELECT format('parameter %%s', p.parname), format('%%s may %%s.', coalesce(r.rolname, 'PUBLIC'), string_agg(a.privilege_type, ', ')),
    format('REVOKE %%s ON PARAMETER %%s FROM %%s', string_agg(a.privilege_type, ', '), p.parname,
           coalesce(quote_ident(r.rolname), 'PUBLIC'))
FROM pg_parameter_acl p CROSS JOIN LATERAL aclexplode(p.paracl) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE a.grantee = 0 OR r.rolname IN ('app', 'console', 'identity', 'tenant') OR r.rolname ~ '^t_[0-9a-f]{32}$'
GROUP BY p.parname, r.rolname

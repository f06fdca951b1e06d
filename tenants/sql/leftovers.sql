-- What provisioning and destroying could leave, as one statement and so of one moment: a creation that is under way
-- shows neither its row nor its schema.

-- leftovers --
WITH tenant AS MATERIALIZED (
    SELECT id, 't_' || replace(id::text, '-', '') AS name, slug, destroyed_at IS NULL AS live,
        strict_since IS NOT NULL AS is_strict, script_digest = %(digest)s AS is_current
    FROM public.tenants_tenant
), space AS MATERIALIZED (
    SELECT oid, nspname::text AS name FROM pg_namespace WHERE nspname ~ '^t_[0-9a-f]{32}$'
), role AS MATERIALIZED (
    SELECT oid, rolname::text AS name, rolcanlogin AS logs_in FROM pg_roles WHERE rolname ~ '^t_[0-9a-f]{32}$'
), here AS (
    SELECT oid FROM pg_database WHERE datname = current_database()
), elsewhere AS (
    -- Roles belong to the cluster: one that another database grants something to is that database's.
    SELECT DISTINCT d.refobjid AS oid FROM pg_shdepend d, here
    WHERE d.refclassid = 'pg_authid'::regclass AND d.dbid NOT IN (0, here.oid)
), relation AS MATERIALIZED (
    -- Tables of tenants, by what their roles may do with them. The ledger of migrations is closed to tenants.
    SELECT s.name AS space, c.relname::text AS name, c.oid
    FROM space s JOIN pg_class c ON c.relnamespace = s.oid WHERE c.relkind = 'r'
), made (space, name) AS (
    SELECT s.name, c.relname::text FROM space s JOIN pg_class c ON c.relnamespace = s.oid
    UNION ALL
    SELECT s.name, b.conname::text FROM space s JOIN pg_constraint b ON b.connamespace = s.oid
    UNION ALL
    SELECT s.name, p.proname::text FROM space s JOIN pg_proc p ON p.pronamespace = s.oid
    UNION ALL
    SELECT r.space, g.tgname::text FROM relation r JOIN pg_trigger g ON g.tgrelid = r.oid AND NOT g.tgisinternal
    UNION ALL
    SELECT r.space, concat(p.polname, ' ON ', r.name) FROM relation r JOIN pg_policy p ON p.polrelid = r.oid
), closed (name, reason) AS (
    SELECT t.name, 'there is no role' FROM tenant t JOIN space s USING (name)
    WHERE t.live AND NOT EXISTS (SELECT FROM role r WHERE r.name = t.name)
    UNION ALL
    -- A role with a login of its own is one that app must not become.
    SELECT r.name, 'app may not become the role' FROM role r
    WHERE NOT r.logs_in AND NOT pg_has_role('app', r.oid, 'MEMBER')
    UNION ALL
    SELECT r.name, CASE WHEN r.logs_in THEN 'the role has a login, and its tenant is not strict'
        ELSE 'its tenant is strict, and the role has no login' END
    FROM role r JOIN tenant t USING (name) WHERE r.logs_in <> t.is_strict
    UNION ALL
    SELECT r.name, 'the role is not in the group tenant' FROM role r WHERE NOT pg_has_role(r.oid, 'tenant', 'MEMBER')
    UNION ALL
    SELECT r.name, 'the role may not use the schema' FROM role r JOIN space s USING (name)
    WHERE NOT has_schema_privilege(r.oid, s.oid, 'USAGE')
    UNION ALL
    SELECT s.name, 'backup may not use the schema' FROM space s WHERE NOT has_schema_privilege('backup', s.oid, 'USAGE')
    UNION ALL
    SELECT c.space, 'the role may not use table ' || c.name FROM relation c JOIN role r ON r.name = c.space
    WHERE c.name <> 'django_migrations' AND NOT (
        has_table_privilege(r.oid, c.oid, 'SELECT') AND has_table_privilege(r.oid, c.oid, 'INSERT')
        AND has_table_privilege(r.oid, c.oid, 'UPDATE') AND has_table_privilege(r.oid, c.oid, 'DELETE'))
    UNION ALL
    SELECT c.space, 'backup may not read table ' || c.name FROM relation c
    WHERE NOT has_table_privilege('backup', c.oid, 'SELECT')
    UNION ALL
    SELECT s.name, 'tables of later migrations would not be ' || CASE g.role WHEN 'backup' THEN 'backed up' ELSE 'the tenant''s' END
    FROM space s CROSS JOIN LATERAL (VALUES ('backup'), (s.name)) AS g (role)
    WHERE NOT EXISTS (
        SELECT FROM pg_default_acl d, aclexplode(d.defaclacl) a
        WHERE d.defaclnamespace = s.oid AND d.defaclobjtype = 'r' AND a.privilege_type = 'SELECT'
          AND a.grantee = (SELECT oid FROM pg_roles WHERE rolname = g.role))
)
SELECT 'schema-without-tenant' AS rule, s.name, coalesce(t.slug, '') AS slug,
    CASE WHEN t.id IS NULL THEN 'no tenant has its id' ELSE 'its tenant is destroyed' END AS detail
FROM space s LEFT JOIN tenant t USING (name) WHERE t.live IS NOT TRUE
UNION ALL
SELECT 'role-without-tenant', r.name, coalesce(t.slug, ''),
    CASE WHEN t.id IS NULL THEN 'no tenant has its id' ELSE 'its tenant is destroyed' END
FROM role r LEFT JOIN tenant t USING (name)
WHERE t.live IS NOT TRUE AND NOT EXISTS (SELECT FROM space s WHERE s.name = r.name)
  AND NOT EXISTS (SELECT FROM elsewhere e WHERE e.oid = r.oid)
UNION ALL
SELECT 'tenant-without-schema', t.name, t.slug, 'there is no schema of its name'
FROM tenant t WHERE t.live AND NOT EXISTS (SELECT FROM space s WHERE s.name = t.name)
UNION ALL
SELECT 'tenant-half-built', t.name, t.slug, 'it lacks ' || string_agg(w.name, ', ' ORDER BY w.name)
FROM tenant t JOIN space s USING (name) CROSS JOIN unnest(%(objects)s::text[]) AS w (name)
WHERE t.live AND t.is_current AND NOT EXISTS (SELECT FROM made m WHERE m.space = t.name AND m.name = w.name)
GROUP BY t.name, t.slug
UNION ALL
SELECT 'tenant-without-grants', t.name, t.slug, string_agg(c.reason, '; ' ORDER BY c.reason)
FROM tenant t JOIN space s USING (name) JOIN closed c ON c.name = t.name WHERE t.live GROUP BY t.name, t.slug
UNION ALL
SELECT 'tenant-without-host', t.name, t.slug, 'none of its hosts is the primary one' FROM tenant t
WHERE t.live AND NOT EXISTS (SELECT FROM public.tenants_domain d WHERE d.tenant_id = t.id AND d.is_primary)
UNION ALL
SELECT 'tenant-of-another-script', t.name, t.slug, 'another schema script built it' FROM tenant t
WHERE t.live AND NOT t.is_current
ORDER BY 1, 2

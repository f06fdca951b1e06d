-- Rules of the audit for rows: row-level security, keys and grants of the tables in `public`, keys between schemas.
--
-- A query is a rule: its name is the rule's code, the comment below its header says why, and each row is a finding:
-- the object, what is wrong with it, the repair. All read pg_catalog once for all tenants; none asks per schema.
-- They run with an empty search_path, so that pg_get_expr names the schema of everything that is not pg_catalog's.

-- row_security_off --
-- A shared table with a tenant's rows, or with policies, has ROW LEVEL SECURITY enabled and forced on its owner.
SELECT format('table %%I.%%I', n.nspname, c.relname),
    CASE WHEN c.relrowsecurity THEN 'Row-level security is not forced on its owner.'
         ELSE 'It holds rows of tenants, and row-level security is off.' END,
    format('ALTER TABLE %%1$I.%%2$I ENABLE ROW LEVEL SECURITY; ALTER TABLE %%1$I.%%2$I FORCE ROW LEVEL SECURITY',
           n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
  AND (c.relrowsecurity
    OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
    OR EXISTS (SELECT FROM pg_constraint k
               WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid = to_regclass('public.tenants_tenant'))
    OR EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))

-- shared_table_undeclared --
-- A table in `public` without policies says by name, and why, that no row of it belongs to a tenant.
SELECT format('table %%I.%%I', n.nspname, c.relname),
    'No policy protects it, and nothing says that it holds no rows of tenants.',
    'Give it a tenant_id and tenants.grants.protect() in a migration, or name it with the reason in audit_allows of'
    ' its AppConfig.'
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity
  AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)
  AND NOT EXISTS (
    SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
  AND NOT EXISTS (
    SELECT FROM pg_constraint k
    WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid = to_regclass('public.tenants_tenant'))
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')

-- shared_table_writable --
-- What one tenant writes into a table without policies, every other tenant reads.
SELECT format('table %%I.%%I', n.nspname, c.relname),
    format('Without policies, %%s may %%s.', coalesce(r.rolname, 'PUBLIC'), string_agg(a.privilege_type, ', ')),
    format('REVOKE %%s ON %%I.%%I FROM %%s', string_agg(a.privilege_type, ', '), n.nspname, c.relname,
           coalesce(quote_ident(r.rolname), 'PUBLIC'))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL aclexplode(c.relacl) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity
  AND a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE')
  -- Of a table that should have policies row_security_off speaks.
  AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)
  AND (a.grantee = 0 OR r.rolname IN ('tenant', 'app', 'identity') OR r.rolname ~ '^t_[0-9a-f]{32}$')
GROUP BY n.nspname, c.relname, r.rolname

-- policy_of_owner_missing --
-- FORCE hides every row from the owner too: a data migration would change nothing, and say nothing.
SELECT format('table %%I.%%I', n.nspname, c.relname),
    'No policy lets the owner see all rows, so that data migrations would find none.',
    format('CREATE POLICY owner_rows ON %%I.%%I TO owner USING (true) WITH CHECK (true)', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relrowsecurity
  AND NOT EXISTS (
    SELECT FROM pg_policy p JOIN pg_roles r ON r.oid = ANY (p.polroles) AND r.rolname = 'owner'
    WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd = '*'
      AND pg_get_expr(p.polqual, c.oid) = 'true' AND pg_get_expr(p.polwithcheck, c.oid) = 'true')

-- policy_without_check --
-- USING says which rows are seen and WITH CHECK which may be written: a policy has both where its command needs them.
SELECT format('policy %%I on %%I.%%I', p.polname, n.nspname, c.relname),
    CASE WHEN p.polqual IS NULL AND p.polcmd <> 'a' THEN 'It has no USING.' ELSE 'It has no WITH CHECK.' END,
    format('ALTER POLICY %%I ON %%I.%%I %%s (...)', p.polname, n.nspname, c.relname,
           CASE WHEN p.polqual IS NULL AND p.polcmd <> 'a' THEN 'USING' ELSE 'WITH CHECK' END)
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE (p.polqual IS NULL AND p.polcmd <> 'a') OR (p.polwithcheck IS NULL AND p.polcmd IN ('*', 'a', 'w'))

-- policy_not_own_rows --
-- A tenant's policy is exactly `tenant_id = (SELECT current_tenant())`; what is another one is named, and why.
-- An exception is of one rule: changed, it is another object.
SELECT format('policy %%I on %%I.%%I as of %%s', p.polname, n.nspname, c.relname, left(md5(text), 8)),
    format('A tenant sees or writes rows by another rule: %%s.', text),
    'Drop it and write it with tenants.rls.TenantPolicy in a migration, or name it with the reason in audit_allows of'
    ' its AppConfig.'
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT string_agg(DISTINCT text, ' / ') AS text
    FROM (VALUES (pg_get_expr(p.polqual, c.oid)), (pg_get_expr(p.polwithcheck, c.oid))) AS part (text)
    WHERE text <> format('(%%s = ( SELECT public.current_tenant() AS current_tenant))',
                         CASE WHEN c.oid = to_regclass('public.tenants_tenant') THEN 'id' ELSE 'tenant_id' END)
) AS other
WHERE text IS NOT NULL AND p.polpermissive AND n.nspname !~ '^t_[0-9a-f]{32}$'
  AND EXISTS (SELECT FROM pg_roles r WHERE r.oid = ANY (p.polroles)
              AND (r.rolname = 'tenant' OR r.rolname ~ '^t_[0-9a-f]{32}$'))

-- policy_escape --
-- A condition beside the tenant's own id is a way round it; a setting can be changed by injected SQL.
SELECT format('policy %%I on %%I.%%I', p.polname, n.nspname, c.relname),
    format('It can be true for rows of another tenant: %%s.', text),
    format('DROP POLICY %%I ON %%I.%%I, and write it with tenants.rls.TenantPolicy in a migration.',
           p.polname, n.nspname, c.relname)
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT string_agg(DISTINCT text, ' / ') AS text
    FROM (VALUES (pg_get_expr(p.polqual, c.oid)), (pg_get_expr(p.polwithcheck, c.oid))) AS part (text)
    WHERE text ~* '\m(or|is null|is not null|is not true|is not false|true|case|coalesce|current_setting|current_user|session_user|current_role|user)\M'
       OR text !~ 'public\.current_tenant\(\)'
) AS escape
WHERE text IS NOT NULL AND p.polpermissive AND n.nspname !~ '^t_[0-9a-f]{32}$'
  AND (0 = ANY (p.polroles) OR EXISTS (
    SELECT FROM pg_roles r WHERE r.oid = ANY (p.polroles)
      AND (r.rolname = 'tenant' OR r.rolname ~ '^t_[0-9a-f]{32}$'
        OR r.rolname IN ('app', 'identity') AND text <> 'true')))

-- policy_open_to_login --
-- What `app` or `identity` sees without a condition is a door of a tenant-facing process: each is named, and why.
SELECT format('policy %%I on %%I.%%I', p.polname, n.nspname, c.relname),
    format('Every row is open to %%s, which a tenant-facing process can be.', string_agg(r.rolname, ', ')),
    'Give it a condition, or name it with the reason in audit_allows of its AppConfig.'
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_roles r ON r.oid = ANY (p.polroles) AND r.rolname IN ('app', 'identity')
WHERE p.polpermissive
  AND 'true' IN (coalesce(pg_get_expr(p.polqual, c.oid), ''), coalesce(pg_get_expr(p.polwithcheck, c.oid), ''))
GROUP BY p.polname, n.nspname, c.relname

-- policy_to_stranger --
-- A policy names one of our roles; PUBLIC is every role, also those that do not exist yet.
-- Inside a tenant it names the group: a clone or a restore has another role, and a policy for the former one.
SELECT format('policy %%I on %%I.%%I', p.polname, n.nspname, c.relname),
    format('It is written for %%s.', string_agg(coalesce(r.rolname, 'PUBLIC'), ', ')),
    format('ALTER POLICY %%I ON %%I.%%I TO tenant', p.polname, n.nspname, c.relname)
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL unnest(p.polroles) AS role (oid)
LEFT JOIN pg_roles r ON r.oid = role.oid
WHERE (n.nspname = 'public'
    AND coalesce(r.rolname, '') NOT IN ('owner', 'app', 'identity', 'tenant', 'console', 'backup'))
  OR (n.nspname ~ '^t_[0-9a-f]{32}$' AND coalesce(r.rolname, '') NOT IN ('tenant', 'backup'))
GROUP BY p.polname, n.nspname, c.relname

-- current_tenant_differs --
-- Every policy rests on this one function: it tells the tenant by current_user, and by nothing that can be set.
SELECT 'function public.current_tenant()', 'It is missing, or says who the tenant is in another way than its migration.',
    'As owner, run tenants/sql/current_tenant.sql with CREATE OR REPLACE FUNCTION.'
WHERE NOT EXISTS (
    SELECT FROM pg_proc p
    WHERE p.oid = to_regprocedure('public.current_tenant()') AND NOT p.prosecdef AND p.proconfig IS NULL
      AND p.prorettype = 'uuid'::regtype
      AND pg_get_function_sqlbody(p.oid) = 'RETURN CASE WHEN (CURRENT_USER ~ ''^t_[0-9a-f]{32}$''::text)'
          ' THEN (substr((CURRENT_USER)::text, 3))::uuid ELSE NULL::uuid END')

-- actor_differs --
-- Own-row policies inside a tenant rest on two functions: each reads one setting, and what it does not know is nobody.
SELECT format('function public.%%s()', f.name), 'It is missing, or says who acts in another way than its migration.',
    'As owner, run tenants/sql/actors.sql with CREATE OR REPLACE FUNCTION.'
FROM (VALUES
    ('actor_sees_all', 'boolean', 'RETURN COALESCE((current_setting(''leasehold.actor''::text, true) = ANY (ARRAY[''system''::text,'
        ' ''staff''::text])), false)'),
    ('current_visitor', 'uuid', 'RETURN CASE WHEN (current_setting(''leasehold.actor''::text, true)'
        ' ~ ''^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$''::text)'
        ' THEN (current_setting(''leasehold.actor''::text, true))::uuid ELSE NULL::uuid END')
) AS f (name, type, body)
WHERE NOT EXISTS (
    SELECT FROM pg_proc p
    WHERE p.oid = to_regprocedure(format('public.%%s()', f.name)) AND NOT p.prosecdef AND p.proconfig IS NULL
      AND p.prorettype = f.type::regtype AND pg_get_function_sqlbody(p.oid) = f.body)

-- own_rows_rule --
-- A policy inside a tenant asks who acts by the two functions, or shows what a row of its parent's policy shows.
-- What it reads beside them (a setting, a user) may be unset, and then it is not certain that nobody sees nothing.
SELECT format('policy %%I on %%I.%%I', p.polname, n.nspname, c.relname),
    format('It does not ask who acts: %%s.', text),
    'Write it with (SELECT actor_sees_all()) and (SELECT current_visitor()), as saas/visitors/sql/own_rows.sql does.'
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT string_agg(DISTINCT text, ' / ') AS text
    FROM (VALUES (pg_get_expr(p.polqual, c.oid)), (pg_get_expr(p.polwithcheck, c.oid))) AS part (text)
    WHERE text ~* '\m(true|is null|is not true|current_setting|current_user|session_user|current_role|user)\M'
       OR text !~ 'public\.(actor_sees_all|current_visitor)\(\)|EXISTS \('
) AS other
WHERE text IS NOT NULL AND p.polpermissive AND n.nspname ~ '^t_[0-9a-f]{32}$'
  AND NOT EXISTS (SELECT FROM pg_roles r WHERE p.polroles = ARRAY[r.oid] AND r.rolname IN ('backup', 'owner'))

-- own_rows_incomplete --
-- Inside a tenant a table has all of it or nothing: row-level security, a rule for the tenant, every row for backup,
-- whose copy would be empty without a word. It is not forced: restores and migrations are the owner's.
SELECT format('table %%I.%%I', n.nspname, c.relname),
    CASE WHEN NOT c.relrowsecurity THEN 'It has policies, and row-level security is off.'
         WHEN c.relforcerowsecurity THEN 'Row-level security is forced on its owner, who would restore and migrate nothing.'
         WHEN NOT has.own THEN 'Row-level security is on, and no policy is for the tenant.'
         ELSE 'Row-level security is on, and backup does not see every row.' END,
    CASE WHEN NOT c.relrowsecurity THEN format('ALTER TABLE %%I.%%I ENABLE ROW LEVEL SECURITY', n.nspname, c.relname)
         WHEN c.relforcerowsecurity THEN format('ALTER TABLE %%I.%%I NO FORCE ROW LEVEL SECURITY', n.nspname, c.relname)
         WHEN NOT has.own THEN 'CREATE POLICY ... TO tenant, as saas/visitors/sql/own_rows.sql does, in a migration.'
         ELSE format('CREATE POLICY backup_rows ON %%I.%%I FOR SELECT TO backup USING (true)', n.nspname, c.relname) END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT count(*) > 0 AS any,
        count(*) FILTER (WHERE p.polpermissive AND r.rolname = 'tenant') > 0 AS own,
        count(*) FILTER (WHERE p.polpermissive AND r.rolname = 'backup' AND p.polcmd IN ('r', '*')
                           AND pg_get_expr(p.polqual, c.oid) = 'true') > 0
          AND count(*) FILTER (WHERE NOT p.polpermissive AND r.rolname = 'backup') = 0 AS saved
    FROM pg_policy p LEFT JOIN pg_roles r ON r.oid = ANY (p.polroles)
    WHERE p.polrelid = c.oid
) AS has
WHERE n.nspname ~ '^t_[0-9a-f]{32}$' AND c.relkind IN ('r', 'p')
  AND CASE WHEN c.relrowsecurity THEN c.relforcerowsecurity OR NOT has.own OR NOT has.saved ELSE has.any END

-- tenant_id_nullable --
-- A row without a tenant is nobody's: no policy shows it, no backup takes it, and nothing deletes it.
SELECT format('column %%I.%%I.tenant_id', n.nspname, c.relname),
    'It may be NULL.',
    format('ALTER TABLE %%I.%%I ALTER COLUMN tenant_id SET NOT NULL', n.nspname, c.relname)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND a.attname = 'tenant_id' AND NOT a.attisdropped
  AND NOT a.attnotnull

-- unique_without_tenant --
-- A unique value over all tenants tells one that another has it. Random keys (a UUID) cannot be guessed.
SELECT format('index %%I.%%I', n.nspname, i.relname),
    format('It is unique over all tenants: %%s.', substring(pg_get_indexdef(x.indexrelid) FROM 'USING .*')),
    'Put tenant_id first in it, or name it with the reason in audit_allows of its AppConfig.'
FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class i ON i.oid = x.indexrelid
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE a.attname = 'tenant_id') AS tenant_ids,
        count(*) FILTER (WHERE a.atttypid = 'uuid'::regtype) AS uuids
    FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum = ANY ((x.indkey::int2[])[0:x.indnkeyatts - 1])
) AS key
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relrowsecurity AND (x.indisunique OR x.indisexclusion)
  AND key.tenant_ids = 0 AND NOT (x.indisprimary AND key.uuids = x.indnkeyatts)

-- foreign_key_without_tenant --
-- A foreign key between two tables with tenants' rows includes tenant_id on both sides: it is checked without policies.
SELECT format('constraint %%I on %%I.%%I', k.conname, n.nspname, c.relname),
    format('A row may reference a row of another tenant in %%s.', k.confrelid::regclass),
    format('ALTER TABLE %%I.%%I DROP CONSTRAINT %%I, and add tenants.rls.CompositeForeignKey in a migration.',
           n.nspname, c.relname, k.conname)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute f ON f.attrelid = k.conrelid AND f.attname = 'tenant_id' AND NOT f.attisdropped
JOIN pg_attribute t ON t.attrelid = k.confrelid AND t.attname = 'tenant_id' AND NOT t.attisdropped
WHERE n.nspname = 'public' AND k.contype = 'f'
  -- Another key over the same columns that does include it does the work.
  AND NOT EXISTS (
    SELECT FROM pg_constraint o
    WHERE o.conrelid = k.conrelid AND o.confrelid = k.confrelid AND o.contype = 'f' AND o.conkey @> k.conkey
      AND EXISTS (SELECT FROM unnest(o.conkey, o.confkey) AS pair (f, t) WHERE pair = (f.attnum, t.attnum)))

-- tenant_table_without_key --
-- Without a primary key a row cannot be found again in a backup, and no logical replication moves the table.
SELECT format('table %%I.%%I', n.nspname, c.relname), 'It has no primary key.',
    format('ALTER TABLE %%I.%%I ADD PRIMARY KEY (...), in a migration.', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname ~ '^t_[0-9a-f]{32}$' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND NOT EXISTS (SELECT FROM pg_index x WHERE x.indrelid = c.oid AND x.indisprimary)

-- foreign_key_deferred --
-- A violation is an error of the statement, not of COMMIT, where nothing can be repaired any more.
SELECT format('constraint %%I on %%I.%%I', k.conname, n.nspname, c.relname),
    'It is checked at COMMIT.',
    format('ALTER TABLE %%I.%%I ALTER CONSTRAINT %%I NOT DEFERRABLE', n.nspname, c.relname, k.conname)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND k.condeferred AND (n.nspname = 'public' OR n.nspname ~ '^t_[0-9a-f]{32}$')

-- foreign_key_not_checked --
-- A key that is not valid holds rows which nobody compared; one that is not enforced compares none at all.
SELECT format('constraint %%I on %%I.%%I', k.conname, n.nspname, c.relname), 'Not all rows were checked against it.',
    format('ALTER TABLE %%I.%%I VALIDATE CONSTRAINT %%I', n.nspname, c.relname, k.conname)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND NOT k.convalidated AND n.nspname = 'public'

-- trigger_disabled --
-- Foreign keys are triggers too: while they are off, a row may name another tenant's.
SELECT format('table %%I.%%I', n.nspname, c.relname),
    format('It has triggers that do not run: %%s.', string_agg(t.tgname, ', ' ORDER BY t.tgname)),
    format('ALTER TABLE %%I.%%I ENABLE TRIGGER ALL', n.nspname, c.relname)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE t.tgenabled IN ('D', 'R') AND (n.nspname = 'public' OR n.nspname ~ '^t_[0-9a-f]{32}$' AND t.tgisinternal)
GROUP BY n.nspname, c.relname

-- foreign_key_between_tenants --
-- A key into another tenant's schema, or from `public` into one, tells what exists there and keeps both from moving.
SELECT format('constraint %%I on %%I.%%I', k.conname, n.nspname, c.relname),
    format('It references %%s.', k.confrelid::regclass),
    format('ALTER TABLE %%I.%%I DROP CONSTRAINT %%I', n.nspname, c.relname, k.conname)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class t ON t.oid = k.confrelid JOIN pg_namespace m ON m.oid = t.relnamespace
WHERE k.contype = 'f' AND n.oid <> m.oid AND m.nspname ~ '^t_[0-9a-f]{32}$'

-- foreign_key_leaves_schema --
-- A key from a tenant's schema into `public` is an oracle for what is shared, and keeps the schema from moving.
SELECT format('constraint %%I on %%I.%%I', k.conname, n.nspname, c.relname),
    format('It references the shared table %%s.', k.confrelid::regclass),
    'Declare the field with db_constraint=False, or accept it: third-party apps bring such keys.'
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class t ON t.oid = k.confrelid
WHERE k.contype = 'f' AND n.nspname ~ '^t_[0-9a-f]{32}$' AND t.relnamespace = 'public'::regnamespace

-- ledger_writable --
-- Who writes the ledger of migrations decides what the next one does to a schema.
SELECT format('table %%I.%%I', n.nspname, c.relname),
    format('%%s may %%s.', coalesce(r.rolname, 'PUBLIC'), string_agg(a.privilege_type, ', ')),
    format('REVOKE ALL ON %%I.%%I FROM %%s', n.nspname, c.relname, coalesce(quote_ident(r.rolname), 'PUBLIC'))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL aclexplode(c.relacl) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE c.relname = 'django_migrations' AND c.relkind = 'r' AND a.grantee <> c.relowner
  AND a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE')
GROUP BY n.nspname, c.relname, r.rolname

-- sequence_reachable --
-- A shared sequence counts the rows of all tenants, and each can read from it how many the others make.
SELECT format('sequence %%I.%%I', n.nspname, c.relname),
    format('%%s may %%s.', coalesce(r.rolname, 'PUBLIC'), string_agg(a.privilege_type, ', ')),
    format('Use UUIDs as keys, and REVOKE ALL ON SEQUENCE %%I.%%I FROM %%s', n.nspname, c.relname,
           coalesce(quote_ident(r.rolname), 'PUBLIC'))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL aclexplode(c.relacl) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE n.nspname = 'public' AND c.relkind = 'S' AND r.rolname IN ('tenant', 'app', 'identity')
GROUP BY n.nspname, c.relname, r.rolname

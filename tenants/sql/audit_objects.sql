-- Rules of the audit for what else reads rows or runs code: views, functions, triggers, extensions.
-- The form is that of audit_tables.sql: a query is a rule, a row is a finding (object, problem, repair).

-- view_not_invoker --
-- A view reads with the privileges and past the policies of its owner, unless it says security_invoker.
SELECT format('view %%I.%%I', n.nspname, c.relname), 'It reads as its owner: no policy holds for the tenant who asks.',
    CASE WHEN EXISTS (SELECT FROM pg_depend d
                      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
        THEN format('REVOKE ALL ON %%I.%%I FROM PUBLIC', n.nspname, c.relname)
        ELSE format('ALTER VIEW %%I.%%I SET (security_invoker = true)', n.nspname, c.relname) END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'v' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM unnest(c.reloptions) AS o
    WHERE split_part(o, '=', 1) = 'security_invoker' AND split_part(o, '=', 2) IN ('true', 'on', '1', 'yes'))
  AND (n.nspname ~ '^t_[0-9a-f]{32}$' OR EXISTS (
    SELECT FROM pg_roles r
    WHERE r.rolname IN ('tenant', 'app', 'identity') AND has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE')))

-- relation_without_policies --
-- A materialized view and a foreign table have no policies: their rows are everybody's who may read them.
SELECT format('%%s %%I.%%I', CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'foreign table' END, n.nspname, c.relname),
    'Policies do not hold for it, and a tenant can reach it.',
    format('DROP %%s %%I.%%I, or a plain view with security_invoker in its place.',
           CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'FOREIGN TABLE' END, n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('m', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND (n.nspname ~ '^t_[0-9a-f]{32}$' OR EXISTS (
    SELECT FROM pg_roles r
    WHERE r.rolname IN ('tenant', 'app', 'identity') AND has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE')))

-- definer_function --
-- A SECURITY DEFINER function runs as its owner, for whom every row of every tenant is visible. An exception is of one
-- body. What an aggregate, an index or a range calls, nobody needs EXECUTE for.
SELECT format('function %%s as of %%s', p.oid::regprocedure,
        left(md5(concat_ws(' ', p.prosrc, pg_get_function_sqlbody(p.oid), p.proconfig)), 8)),
    format('A tenant can call it, and it runs as %%s.', p.proowner::regrole),
    format('ALTER ROUTINE %%s SECURITY INVOKER', p.oid::regprocedure)
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prosecdef AND n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema'
  AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
  AND (n.nspname ~ '^t_[0-9a-f]{32}$' OR EXISTS (
    SELECT FROM pg_roles r
    WHERE r.rolname IN ('tenant', 'app', 'identity') AND has_function_privilege(r.oid, p.oid, 'EXECUTE'))
  OR EXISTS (
    SELECT FROM pg_depend d LEFT JOIN pg_aggregate a ON d.classid = 'pg_proc'::regclass AND a.aggfnoid = d.objid
    WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid
      AND (a.aggfnoid IS NOT NULL
        OR d.classid IN ('pg_opclass'::regclass, 'pg_opfamily'::regclass, 'pg_amproc'::regclass, 'pg_type'::regclass))))

-- definer_search_path --
-- Whoever calls a SECURITY DEFINER function without a pinned path chooses which objects it finds; pg_temp comes last.
SELECT format('function %%s', p.oid::regprocedure),
    coalesce(format('Its search_path is %%s.', path), 'Its search_path is the caller''s.'),
    format('ALTER ROUTINE %%s SET search_path = pg_catalog, pg_temp', p.oid::regprocedure)
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
LEFT JOIN LATERAL (
    SELECT substr(c, 13) AS path FROM unnest(p.proconfig) AS c WHERE c LIKE 'search_path=%%'
) AS pinned ON true
WHERE p.prosecdef AND n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema'
  AND coalesce(path, '') !~ '(^|, )"?pg_temp"?$'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')

-- definer_trigger --
-- A trigger needs no EXECUTE of whoever fires it: with SECURITY DEFINER a tenant's row is handled by its owner.
SELECT format('trigger %%I on %%I.%%I', t.tgname, n.nspname, c.relname),
    format('Whoever writes the table runs %%s as %%s.', p.oid::regprocedure, p.proowner::regrole),
    format('ALTER FUNCTION %%s SECURITY INVOKER', p.oid::regprocedure)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND p.prosecdef AND n.nspname <> 'pg_catalog'

-- leakproof_function --
-- A function marked LEAKPROOF is run on rows before their policy is asked: it can tell what it was given.
SELECT format('function %%s', p.oid::regprocedure), 'It is marked LEAKPROOF.',
    format('ALTER FUNCTION %%s NOT LEAKPROOF', p.oid::regprocedure)
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.proleakproof AND n.nspname <> 'pg_catalog'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')

-- system_object_added --
-- The other rules pass over what is the server's own, so nothing else may stand among it.
SELECT format('%%s %%s', i.type, i.identity), 'It was made in a schema of the server, where no rule looks.',
    format('DROP %%s %%s', upper(i.type), i.identity)
FROM (
    SELECT 'pg_class'::regclass AS class, oid, relnamespace AS schema FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
    UNION ALL
    SELECT 'pg_proc'::regclass, oid, pronamespace FROM pg_proc
) AS made
CROSS JOIN LATERAL pg_identify_object(made.class, made.oid, 0) i
WHERE made.schema IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  AND made.oid >= 16384 -- initdb's are below
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = made.class AND d.objid = made.oid AND d.deptype = 'e')

-- cast_of_system_types --
-- A cast between the server's own types changes what a policy and current_tenant() mean, and their text stays the same.
SELECT format('cast (%%s AS %%s)', k.castsource::regtype, k.casttarget::regtype), 'It stands in for the server''s own.',
    format('DROP CAST (%%s AS %%s) CASCADE', k.castsource::regtype, k.casttarget::regtype)
FROM pg_cast k
WHERE k.oid >= 16384 AND k.castsource < 16384 AND k.casttarget < 16384
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_cast'::regclass AND d.objid = k.oid AND d.deptype = 'e')

-- function_names_schema --
-- A function of a tenant that names a schema would, in a clone or after a move, read the one that it names.
SELECT format('function %%s', p.oid::regprocedure), format('Its body names the schema %%s.', m[1]),
    'Leave the schema out of the body: the search_path of the context finds the tenant''s own tables.'
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
CROSS JOIN LATERAL regexp_match(
    concat_ws(' ', p.prosrc, array_to_string(p.proconfig, ' ')), '\m(t_[0-9a-f]{32}|public)\M"?\s*(\.|,|$)') AS m
WHERE n.nspname ~ '^t_[0-9a-f]{32}$' AND m IS NOT NULL

-- rewrite_rule --
-- A rule adds statements to a tenant's own, with the privileges of the table's owner.
SELECT format('rule %%I on %%I.%%I', w.rulename, n.nspname, c.relname), 'It rewrites the statements of whoever uses the table.',
    format('DROP RULE %%I ON %%I.%%I', w.rulename, n.nspname, c.relname)
FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE w.rulename <> '_RETURN' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'

-- large_object --
-- A large object stands in no schema: no policy, no backup and no destroying of a tenant knows whose it is.
SELECT format('large object %%s', oid), format('It belongs to %%s.', lomowner::regrole), format('SELECT lo_unlink(%%s)', oid)
FROM pg_largeobject_metadata

-- table_unlogged --
-- What is not logged is empty after a crash, and not in any replica or point-in-time restore.
SELECT format('table %%I.%%I', n.nspname, c.relname), 'It is unlogged.',
    format('ALTER TABLE %%I.%%I SET LOGGED', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relpersistence = 'u' AND c.relkind IN ('r', 'p') AND (n.nspname = 'public' OR n.nspname ~ '^t_[0-9a-f]{32}$')

-- table_inherits --
-- A child's rows show in its parent, and the child's own policies are not asked.
SELECT format('table %%I.%%I', n.nspname, c.relname), format('It inherits from %%s.', i.inhparent::regclass),
    format('ALTER TABLE %%I.%%I NO INHERIT %%s', n.nspname, c.relname, i.inhparent::regclass)
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'f') AND NOT c.relispartition AND (n.nspname = 'public' OR n.nspname ~ '^t_[0-9a-f]{32}$')

-- extension_in_tenant_schema --
-- An extension exists once in a database: in one tenant's schema it is another tenant's missing function.
SELECT format('extension %%I', e.extname), format('It stands in %%I.', n.nspname),
    format('ALTER EXTENSION %%I SET SCHEMA public', e.extname)
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE n.nspname ~ '^t_[0-9a-f]{32}$'

-- extension_unreviewed --
-- An extension can bring functions that connect, read files or run a text as SQL, open to PUBLIC.
SELECT format('extension %%I', e.extname), 'Nobody has said that its functions may be called by tenants.',
    'Revoke from PUBLIC what tenants must not call, then name it with the reason in audit_allows of an AppConfig.'
FROM pg_extension e
WHERE e.extname NOT IN (
    'plpgsql', 'pg_trgm', 'btree_gin', 'btree_gist', 'citext', 'fuzzystrmatch', 'hstore', 'intarray', 'ltree', 'pgcrypto',
    'pg_stat_statements', 'unaccent', 'uuid-ossp')

-- event_trigger --
-- It runs during every migration and provisioning, as whoever does the DDL.
SELECT format('event trigger %%I', e.evtname), format('It runs %%s on %%s.', e.evtfoid::regprocedure, e.evtevent),
    format('DROP EVENT TRIGGER %%I, if it is not the provider''s.', e.evtname)
FROM pg_event_trigger e

-- publication_of_all_tables --
-- A subscriber of it receives the rows of every tenant, also of those to come; one schema's is how a tenant moves.
SELECT format('publication %%I', p.pubname), 'It sends rows of all tenants.',
    format('DROP PUBLICATION %%I, or accept it: a replica of everything is trusted like this server.', p.pubname)
FROM pg_publication p
WHERE p.puballtables
  OR EXISTS (SELECT FROM pg_publication_namespace n
             WHERE n.pnpubid = p.oid AND n.pnnspid = 'public'::regnamespace)
  OR EXISTS (SELECT FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid
             WHERE r.prpubid = p.oid AND c.relnamespace = 'public'::regnamespace AND c.relrowsecurity)

-- What one schema is made of, one line of text per fact.
--
-- The members of a schema come from pg_depend: pg_class has no index on relnamespace, so that at 1,000 tenants a
-- search by namespace reads the rows of all of them. Columns that not every version has go through to_jsonb().
-- Facts are built with row(...)::text, since concat_ws drops NULLs.

-- enter --
-- Everything that changes how the pg_get_*def functions spell a definition, and jit, which costs a second here.
SELECT name, current_setting(name), set_config(name, value, true)
FROM (VALUES
    ('search_path', ''), ('jit', 'off'), ('TimeZone', 'UTC'), ('DateStyle', 'ISO'), ('IntervalStyle', 'postgres'),
    ('extra_float_digits', '1'), ('bytea_output', 'hex'), ('quote_all_identifiers', 'off')
) AS pinned (name, value)

-- leave --
SELECT set_config(name, value, true) FROM unnest(%(names)s::text[], %(values)s::text[]) AS former (name, value)

-- version --
SELECT current_setting('server_version_num')::int / 10000

-- exists --
SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = %(schema)s)

-- facts --
WITH space AS (
    SELECT * FROM pg_namespace WHERE nspname = %(schema)s
), member AS MATERIALIZED (
    SELECT d.classid, d.objid FROM space s
    JOIN pg_depend d ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid = s.oid
), type AS MATERIALIZED (
    SELECT t.* FROM member m JOIN pg_type t ON t.oid = m.objid WHERE m.classid = 'pg_type'::regclass
), relation AS MATERIALIZED (
    SELECT c.* FROM member m JOIN pg_class c ON c.oid = m.objid WHERE m.classid = 'pg_class'::regclass
    UNION ALL
    SELECT c.* FROM type t JOIN pg_class c ON c.oid = t.typrelid
), index AS MATERIALIZED (
    SELECT r.relname AS table_name, c.relname, c.relowner, c.reloptions, c.reltablespace, i.*
    FROM relation r JOIN pg_index i ON i.indrelid = r.oid JOIN pg_class c ON c.oid = i.indexrelid
), attribute AS MATERIALIZED (
    SELECT r.relname, r.relowner, a.*, row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) AS rank
    FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE r.relkind <> 'S'
), bound AS MATERIALIZED (
    SELECT r.relname, c.* FROM relation r JOIN pg_constraint c ON c.conrelid = r.oid
    UNION ALL
    SELECT t.typname, c.* FROM type t JOIN pg_constraint c ON c.contypid = t.oid
), routine AS MATERIALIZED (
    SELECT p.* FROM member m JOIN pg_proc p ON p.oid = m.objid WHERE m.classid = 'pg_proc'::regclass
), granted (kind, name, acl) AS (
    SELECT 'schema', ''::text, coalesce(nspacl, acldefault('n', nspowner)) FROM space
    UNION ALL
    SELECT 'relation', relname,
        coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))
    FROM relation WHERE relkind <> 'c'
    UNION ALL
    SELECT 'column', row(relname, attname)::text, attacl FROM attribute
    UNION ALL
    SELECT 'function', oid::regprocedure::text, coalesce(proacl, acldefault('f', proowner)) FROM routine
    UNION ALL
    SELECT 'type', typname, coalesce(typacl, acldefault('T', typowner)) FROM type
    UNION ALL
    SELECT 'default', row(pg_get_userbyid(d.defaclrole), d.defaclobjtype)::text, d.defaclacl
    FROM space s JOIN pg_default_acl d ON d.defaclnamespace = s.oid
), commentable (classid, objid) AS (
    SELECT 'pg_namespace'::regclass, oid FROM space
    UNION ALL
    SELECT classid, objid FROM member
    UNION ALL
    SELECT 'pg_class'::regclass, oid FROM relation WHERE relkind = 'c'
    UNION ALL
    SELECT 'pg_class'::regclass, indexrelid FROM index
    UNION ALL
    SELECT 'pg_constraint'::regclass, oid FROM bound
    UNION ALL
    SELECT 'pg_trigger'::regclass, t.oid FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid
    UNION ALL
    SELECT 'pg_policy'::regclass, p.oid FROM relation r JOIN pg_policy p ON p.polrelid = r.oid
    UNION ALL
    SELECT 'pg_rewrite'::regclass, w.oid FROM relation r JOIN pg_rewrite w ON w.ev_class = r.oid
), fact (kind, detail) AS (
    SELECT 'schema', row(pg_get_userbyid(nspowner))::text FROM space
    UNION ALL
    SELECT 'relation', row(
        r.relname, r.relkind, r.relpersistence, pg_get_userbyid(r.relowner), r.relrowsecurity,
        r.relforcerowsecurity, r.relreplident, (SELECT amname FROM pg_am WHERE oid = r.relam),
        (SELECT spcname FROM pg_tablespace WHERE oid = r.reltablespace),
        (SELECT array_agg(o ORDER BY o COLLATE "C") FROM unnest(r.reloptions) AS o),
        (SELECT array_agg(o ORDER BY o COLLATE "C") FROM pg_class t, unnest(t.reloptions) AS o
         WHERE t.oid = r.reltoastrelid),
        CASE WHEN r.reloftype <> 0 THEN format_type(r.reloftype, NULL) END,
        pg_get_partkeydef(r.oid), pg_get_expr(r.relpartbound, r.oid)
    )::text FROM relation r
    UNION ALL
    SELECT 'view', row(relname, pg_get_viewdef(oid))::text FROM relation WHERE relkind IN ('v', 'm')
    UNION ALL
    SELECT 'inheritance', row(h.inhrelid::regclass, h.inhparent::regclass, h.inhseqno)::text
    FROM relation r JOIN pg_inherits h ON h.inhrelid = r.oid
    UNION ALL
    SELECT 'column', row(
        a.relname, a.rank, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
        a.attgenerated, pg_get_expr(d.adbin, d.adrelid), nullif(a.attcollation, 0)::regcollation, a.attstorage,
        a.attcompression, to_jsonb(a) ->> 'attstattarget',
        -- 15.20 writes the log position of a column's last change of type here, for itself.
        (SELECT array_agg(o ORDER BY o COLLATE "C") FROM unnest(a.attoptions) AS o
         WHERE split_part(o, '=', 1) <> 'pg_attver'), a.attislocal, a.attinhcount
    )::text FROM attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    UNION ALL
    SELECT 'sequence', row(
        r.relname, format_type(q.seqtypid, NULL), q.seqstart, q.seqincrement, q.seqmax, q.seqmin, q.seqcache,
        q.seqcycle, (
            SELECT row(d.deptype, d.refobjid::regclass, a.attname)::text FROM pg_depend d
            JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
            WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid
              AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
        )
    )::text FROM relation r JOIN pg_sequence q ON q.seqrelid = r.oid
    UNION ALL
    SELECT 'constraint', row(
        relname, conname, contype, pg_get_constraintdef(oid), condeferrable, condeferred, convalidated,
        to_jsonb(bound) ->> 'conenforced', connoinherit, conislocal
    )::text FROM bound
    UNION ALL
    SELECT 'index', row(
        table_name, relname, pg_get_userbyid(relowner), pg_get_indexdef(indexrelid), indisunique, indisprimary,
        indisexclusion, indimmediate, indisvalid, indisready, indislive, indisclustered, indisreplident,
        (SELECT array_agg(o ORDER BY o COLLATE "C") FROM unnest(reloptions) AS o),
        (SELECT spcname FROM pg_tablespace WHERE oid = reltablespace),
        (SELECT array_agg(to_jsonb(a) ->> 'attstattarget' ORDER BY a.attnum)
         FROM pg_attribute a WHERE a.attrelid = indexrelid)
    )::text FROM index
    UNION ALL
    SELECT 'trigger', row(r.relname, t.tgname, t.tgenabled, pg_get_triggerdef(t.oid))::text
    FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid WHERE NOT t.tgisinternal
    UNION ALL
    SELECT 'rule', row(r.relname, w.rulename, w.ev_enabled, pg_get_ruledef(w.oid))::text
    FROM relation r JOIN pg_rewrite w ON w.ev_class = r.oid WHERE w.rulename <> '_RETURN'
    UNION ALL
    SELECT 'policy', row(
        r.relname, p.polname, p.polpermissive, p.polcmd,
        (SELECT array_agg(CASE o WHEN 0 THEN 'public' ELSE pg_get_userbyid(o) END
                          ORDER BY pg_get_userbyid(o)) FROM unnest(p.polroles) AS o),
        pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
    )::text FROM relation r JOIN pg_policy p ON p.polrelid = r.oid
    UNION ALL
    SELECT 'function', row(
        oid::regprocedure, prokind, pg_get_userbyid(proowner),
        CASE prokind WHEN 'a' THEN NULL ELSE pg_get_functiondef(oid) END
    )::text FROM routine
    UNION ALL
    SELECT 'aggregate', row(p.oid::regprocedure, format_type(p.prorettype, NULL), to_jsonb(a) - 'aggfnoid')::text
    FROM routine p JOIN pg_aggregate a ON a.aggfnoid = p.oid
    UNION ALL
    SELECT 'type', row(
        t.typname, t.typtype, pg_get_userbyid(t.typowner),
        (SELECT array_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
        CASE WHEN t.typbasetype <> 0 THEN format_type(t.typbasetype, t.typtypmod) END, t.typnotnull,
        pg_get_expr(t.typdefaultbin, 0), nullif(t.typcollation, 0)::regcollation,
        (SELECT row(format_type(g.rngsubtype, NULL), g.rngsubdiff)::text FROM pg_range g WHERE g.rngtypid = t.oid)
    )::text FROM type t
    UNION ALL
    SELECT 'statistics', row(
        x.stxname, pg_get_userbyid(x.stxowner), pg_get_statisticsobjdef(x.oid), to_jsonb(x) ->> 'stxstattarget'
    )::text FROM relation r JOIN pg_statistic_ext x ON x.stxrelid = r.oid
    UNION ALL
    SELECT 'acl', row(g.kind, g.name, item)::text FROM granted g, unnest(g.acl) AS item
    UNION ALL
    SELECT 'comment', row(i.type, i.identity, d.objsubid, d.description)::text
    FROM commentable c
    JOIN pg_description d ON d.classoid = c.classid AND d.objoid = c.objid
    CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) i
    UNION ALL
    SELECT 'extension', row(e.extname, e.extversion)::text
    FROM member m JOIN pg_extension e ON e.oid = m.objid WHERE m.classid = 'pg_extension'::regclass
    UNION ALL
    SELECT 'other', row(i.type, i.identity)::text
    FROM member m CROSS JOIN LATERAL pg_identify_object(m.classid, m.objid, 0) i
    WHERE m.classid NOT IN (
        'pg_class'::regclass, 'pg_type'::regclass, 'pg_proc'::regclass, 'pg_statistic_ext'::regclass,
        'pg_default_acl'::regclass, 'pg_extension'::regclass
    )
)
SELECT kind || ' ' || detail FROM fact

-- One schema as the statements that build it. Read with search_path = '', so that each name of the schema's own
-- objects is qualified and can be recognised; script.py takes the schema's name off.

-- refused --
-- What statements() below does not know how to write, or what a script may not hold.
WITH space AS (
    SELECT * FROM pg_namespace WHERE nspname = %(schema)s
), member AS MATERIALIZED (
    SELECT d.classid, d.objid FROM space s
    JOIN pg_depend d ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid = s.oid
), relation AS MATERIALIZED (
    SELECT c.* FROM member m JOIN pg_class c ON c.oid = m.objid WHERE m.classid = 'pg_class'::regclass
), type AS MATERIALIZED (
    SELECT t.* FROM member m JOIN pg_type t ON t.oid = m.objid WHERE m.classid = 'pg_type'::regclass
), routine AS MATERIALIZED (
    SELECT p.*, l.lanname FROM member m JOIN pg_proc p ON p.oid = m.objid JOIN pg_language l ON l.oid = p.prolang
    WHERE m.classid = 'pg_proc'::regclass
), refused (classid, objid, reason) AS (
    SELECT classid, objid, 'objects of this kind are not known' FROM member WHERE classid NOT IN (
        'pg_class'::regclass, 'pg_type'::regclass, 'pg_proc'::regclass, 'pg_statistic_ext'::regclass,
        'pg_default_acl'::regclass
    )
    UNION ALL
    SELECT 'pg_class'::regclass, oid, CASE
        WHEN relispartition THEN 'partitions are not known'
        WHEN relkind NOT IN ('r', 'v', 'S') THEN 'relations of this kind are not known'
        WHEN relpersistence <> 'p' THEN 'it is not logged'
        WHEN reloftype <> 0 THEN 'tables of a type are not known'
        WHEN reltablespace <> 0 THEN 'it has a tablespace of its own'
        WHEN relkind = 'r' AND relam <> (SELECT oid FROM pg_am WHERE amname = 'heap') THEN 'it is not a heap'
        WHEN EXISTS (SELECT FROM pg_inherits WHERE relation.oid IN (inhrelid, inhparent)) THEN 'it inherits'
        WHEN EXISTS (SELECT FROM pg_class o WHERE o.relname = relation.relname
                     AND o.relnamespace = 'pg_catalog'::regnamespace) THEN 'pg_catalog has the same name'
    END FROM relation
    UNION ALL
    SELECT 'pg_type'::regclass, oid, CASE
        WHEN typtype NOT IN ('d', 'e') THEN 'only enums and domains are known'
        WHEN EXISTS (SELECT FROM pg_type o WHERE o.typname = type.typname
                     AND o.typnamespace = 'pg_catalog'::regnamespace) THEN 'pg_catalog has the same name'
    END FROM type
    UNION ALL
    SELECT 'pg_proc'::regclass, oid, CASE
        WHEN prokind NOT IN ('f', 'p') THEN 'only functions and procedures are known'
        WHEN lanname NOT IN ('sql', 'plpgsql') THEN 'only the languages sql and plpgsql are known'
        WHEN prosrc ~ %(schema)s THEN 'its body names the schema'
        WHEN EXISTS (SELECT FROM pg_proc o WHERE o.proname = routine.proname
                     AND o.pronamespace = 'pg_catalog'::regnamespace) THEN 'pg_catalog has the same name'
    END FROM routine
    UNION ALL
    SELECT 'pg_rewrite'::regclass, w.oid, 'rules are not known'
    FROM relation r JOIN pg_rewrite w ON w.ev_class = r.oid WHERE w.rulename <> '_RETURN'
    UNION ALL
    SELECT 'pg_class'::regclass, i.indexrelid, CASE
        WHEN NOT (i.indisvalid AND i.indisready) THEN 'the index is not valid'
        WHEN c.reltablespace <> 0 THEN 'it has a tablespace of its own'
    END FROM relation r JOIN pg_index i ON i.indrelid = r.oid JOIN pg_class c ON c.oid = i.indexrelid
    UNION ALL
    SELECT classoid, objoid, 'the comment on the schema would be lost'
    FROM space JOIN pg_description ON classoid = 'pg_namespace'::regclass AND objoid = oid
)
SELECT pg_describe_object(classid, objid, 0), reason FROM refused WHERE reason IS NOT NULL ORDER BY 1, 2

-- statements --
-- kind, name, statement, its node and the nodes that it needs (both NULL when its place follows from its kind alone).
WITH space AS (
    SELECT * FROM pg_namespace WHERE nspname = %(schema)s
), member AS MATERIALIZED (
    SELECT d.classid, d.objid FROM space s
    JOIN pg_depend d ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid = s.oid
), type AS MATERIALIZED (
    SELECT t.* FROM member m JOIN pg_type t ON t.oid = m.objid WHERE m.classid = 'pg_type'::regclass
), routine AS MATERIALIZED (
    SELECT p.* FROM member m JOIN pg_proc p ON p.oid = m.objid WHERE m.classid = 'pg_proc'::regclass
), relation AS MATERIALIZED (
    SELECT c.*, (
        SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM (
            SELECT format('%%s=%%L', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1))
            FROM unnest(c.reloptions) AS o
            UNION ALL
            SELECT format('toast.%%s=%%L', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1))
            FROM pg_class t, unnest(t.reloptions) AS o WHERE t.oid = c.reltoastrelid
        ) AS option (o)
    ) AS options
    FROM member m JOIN pg_class c ON c.oid = m.objid WHERE m.classid = 'pg_class'::regclass
), index AS MATERIALIZED (
    SELECT i.*, c.relname, c.reloptions, k.oid AS constraint_oid
    FROM relation r JOIN pg_index i ON i.indrelid = r.oid JOIN pg_class c ON c.oid = i.indexrelid
    LEFT JOIN pg_constraint k
        ON k.conrelid = i.indrelid AND k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
), bound AS MATERIALIZED (
    -- What is not validated cannot stand in CREATE TABLE or CREATE DOMAIN: both would call it valid.
    SELECT *,
        contype IN ('c', 'n') AND (convalidated OR to_jsonb(bound) ->> 'conenforced' IS NOT DISTINCT FROM 'false') AS stands_inside,
        count(*) OVER (PARTITION BY conname) = 1 AS has_own_name
    FROM (
        SELECT c.* FROM relation r JOIN pg_constraint c ON c.conrelid = r.oid
        UNION ALL
        SELECT c.* FROM type t JOIN pg_constraint c ON c.contypid = t.oid
    ) AS bound
), sequence AS MATERIALIZED (
    SELECT r.oid, r.relname, q.seqtypid, d.deptype, d.refobjid AS table_oid, d.refobjsubid AS attnum,
        CASE WHEN q.seqstart <> 1 OR q.seqincrement <> 1 OR q.seqmin <> 1 OR q.seqcache <> 1 OR q.seqcycle
               OR q.seqmax <> CASE q.seqtypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647
                                              ELSE 9223372036854775807 END
            THEN format('START WITH %%s INCREMENT BY %%s MINVALUE %%s MAXVALUE %%s CACHE %%s%%s', q.seqstart,
                q.seqincrement, q.seqmin, q.seqmax, q.seqcache, CASE WHEN q.seqcycle THEN ' CYCLE' END)
        END AS options
    FROM relation r JOIN pg_sequence q ON q.seqrelid = r.oid
    LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = r.oid
        AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
), attribute AS MATERIALIZED (
    SELECT a.*, r.relname, r.relkind, t.typstorage, t.typcollation, pg_get_expr(d.adbin, d.adrelid) AS expression
    FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE r.relkind <> 'S'
), line (table_oid, place, name, text) AS (
    SELECT a.attrelid, a.attnum::int, '', concat_ws(' ',
        quote_ident(a.attname),
        format_type(a.atttypid, a.atttypmod),
        'COLLATE ' || CASE WHEN a.attcollation <> a.typcollation THEN a.attcollation END::regcollation,
        CASE
            WHEN a.attgenerated = 's' THEN format('GENERATED ALWAYS AS (%%s) STORED', a.expression)
            WHEN a.attgenerated = 'v' THEN format('GENERATED ALWAYS AS (%%s) VIRTUAL', a.expression)
            ELSE 'DEFAULT ' || a.expression
        END,
        CASE a.attidentity
            WHEN 'a' THEN 'GENERATED ALWAYS AS IDENTITY' WHEN 'd' THEN 'GENERATED BY DEFAULT AS IDENTITY'
        END,
        '(' || nullif(concat_ws(' ',
            CASE WHEN q.relname <> a.relname || '_' || a.attname || '_seq' THEN 'SEQUENCE NAME ' || q.oid::regclass END,
            q.options
        ), '') || ')',
        CASE WHEN a.attnotnull AND n.stands_inside IS NOT FALSE THEN concat_ws(' ',
            CASE WHEN n.conname <> a.relname || '_' || a.attname || '_not_null' OR NOT n.has_own_name
                THEN 'CONSTRAINT ' || quote_ident(n.conname) END,
            'NOT NULL',
            CASE WHEN n.connoinherit THEN 'NO INHERIT' END
        ) END
    )
    FROM attribute a
    LEFT JOIN sequence q ON q.table_oid = a.attrelid AND q.attnum = a.attnum AND q.deptype = 'i'
    LEFT JOIN bound n ON n.conrelid = a.attrelid AND n.contype = 'n' AND n.conkey = ARRAY[a.attnum]
    UNION ALL
    SELECT conrelid, NULL, conname, format('CONSTRAINT %%I %%s', conname, pg_get_constraintdef(oid))
    FROM bound WHERE contype = 'c' AND stands_inside
), part (classid, objid, node) AS MATERIALIZED (
    -- Which statement makes an object: pg_depend speaks of defaults, row types and rewrite rules.
    SELECT 'pg_class'::regclass::oid, oid, oid FROM relation
    UNION ALL
    SELECT 'pg_class'::regclass, q.oid, q.table_oid FROM sequence q WHERE q.deptype = 'i'
    UNION ALL
    SELECT 'pg_class'::regclass, indexrelid, coalesce(constraint_oid, indexrelid) FROM index
    UNION ALL
    SELECT 'pg_type'::regclass, oid, oid FROM type
    UNION ALL
    SELECT 'pg_type'::regclass, e.oid, t.oid FROM type t JOIN pg_type e ON e.oid = t.typarray
    UNION ALL
    SELECT 'pg_type'::regclass, t.oid, r.oid FROM relation r JOIN pg_type t ON t.oid = r.reltype
    UNION ALL
    SELECT 'pg_type'::regclass, t.typarray, r.oid FROM relation r JOIN pg_type t ON t.oid = r.reltype
    UNION ALL
    SELECT 'pg_attrdef'::regclass, d.oid, r.oid FROM relation r JOIN pg_attrdef d ON d.adrelid = r.oid
    UNION ALL
    SELECT 'pg_rewrite'::regclass, w.oid, r.oid FROM relation r JOIN pg_rewrite w ON w.ev_class = r.oid
    UNION ALL
    SELECT 'pg_constraint'::regclass, oid, CASE WHEN stands_inside THEN greatest(conrelid, contypid) ELSE oid END FROM bound
    UNION ALL
    SELECT classid, objid, objid FROM member WHERE classid IN ('pg_proc'::regclass, 'pg_statistic_ext'::regclass)
    UNION ALL
    SELECT 'pg_trigger'::regclass, t.oid, t.oid FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid
    UNION ALL
    SELECT 'pg_policy'::regclass, p.oid, p.oid FROM relation r JOIN pg_policy p ON p.polrelid = r.oid
), need AS MATERIALIZED (
    SELECT f.node, array_agg(DISTINCT t.node) AS needs
    FROM part f JOIN pg_depend d ON d.classid = f.classid AND d.objid = f.objid
    JOIN part t ON t.classid = d.refclassid AND t.objid = d.refobjid AND t.node <> f.node
    -- A sequence that is owned is made before its table, whose default needs it, and is given away at the end.
    WHERE NOT EXISTS (SELECT FROM sequence q WHERE q.oid = f.node AND d.deptype = 'a')
    GROUP BY f.node
), statement (kind, name, sql, node) AS (
    SELECT 'type', typname::text, format(E'CREATE TYPE %%s AS ENUM (\n    %%s\n)', oid::regtype,
        (SELECT string_agg(quote_literal(enumlabel), E',\n    ' ORDER BY enumsortorder) FROM pg_enum
         WHERE enumtypid = type.oid)), oid
    FROM type WHERE typtype = 'e'
    UNION ALL
    SELECT 'type', t.typname, concat_ws(' ',
        format('CREATE DOMAIN %%s AS %%s', t.oid::regtype, format_type(t.typbasetype, t.typtypmod)),
        'COLLATE ' || CASE WHEN t.typcollation <> b.typcollation THEN t.typcollation END::regcollation,
        'DEFAULT ' || pg_get_expr(t.typdefaultbin, 0),
        CASE WHEN t.typnotnull AND NOT EXISTS (
            SELECT FROM bound c WHERE c.contypid = t.oid AND c.contype = 'n') THEN 'NOT NULL' END,
        (SELECT string_agg(format('CONSTRAINT %%I %%s', c.conname, pg_get_constraintdef(c.oid)),
                           ' ' ORDER BY c.conname) FROM bound c WHERE c.contypid = t.oid AND c.stands_inside)
    ), t.oid
    FROM type t JOIN pg_type b ON b.oid = t.typbasetype WHERE t.typtype = 'd'
    UNION ALL
    SELECT 'sequence', relname, concat_ws(' ', 'CREATE SEQUENCE', oid::regclass,
        'AS ' || format_type(nullif(seqtypid, 'int8'::regtype), NULL), options), oid
    FROM sequence WHERE deptype IS DISTINCT FROM 'i'
    UNION ALL
    SELECT 'function', oid::regprocedure::text, rtrim(pg_get_functiondef(oid), E'\n'), oid FROM routine
    UNION ALL
    SELECT 'table', r.relname, format(E'CREATE TABLE %%s (%%s\n)%%s', r.oid::regclass,
        (SELECT string_agg(E'\n    ' || text, ',' ORDER BY place, name) FROM line WHERE table_oid = r.oid),
        ' WITH (' || r.options || ')'), r.oid
    FROM relation r WHERE r.relkind = 'r'
    UNION ALL
    SELECT 'column', relname || ' ' || attname, format('ALTER TABLE %%s ALTER COLUMN %%I SET STORAGE %%s',
        attrelid::regclass, attname,
        CASE attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END), NULL
    FROM attribute WHERE relkind = 'r' AND attstorage <> typstorage
    UNION ALL
    SELECT 'column', relname || ' ' || attname, format('ALTER TABLE %%s ALTER COLUMN %%I SET COMPRESSION %%s',
        attrelid::regclass, attname, CASE attcompression WHEN 'l' THEN 'lz4' ELSE 'pglz' END), NULL
    FROM attribute WHERE attcompression <> ''
    UNION ALL
    SELECT 'column', relname || ' ' || attname, format('ALTER TABLE %%s ALTER COLUMN %%I SET STATISTICS %%s',
        attrelid::regclass, attname, to_jsonb(attribute) ->> 'attstattarget'), NULL
    FROM attribute WHERE (to_jsonb(attribute) ->> 'attstattarget')::int >= 0
    UNION ALL
    -- Without pg_attver, which 15.20 writes for itself: the log position of a column's last change of type.
    SELECT 'column', relname || ' ' || attname, format('ALTER TABLE %%s ALTER COLUMN %%I SET (%%s)',
        attrelid::regclass, attname, string_agg(o, ', ' ORDER BY o COLLATE "C")), NULL
    FROM attribute, unnest(attoptions) AS o WHERE split_part(o, '=', 1) <> 'pg_attver'
    GROUP BY attrelid, relname, attname
    UNION ALL
    SELECT CASE contype WHEN 'f' THEN 'foreign key' WHEN 'c' THEN 'check' WHEN 'n' THEN 'check' ELSE 'key' END, conname,
        format('ALTER %%s %%s ADD CONSTRAINT %%I %%s', CASE conrelid WHEN 0 THEN 'DOMAIN' ELSE 'TABLE' END,
            CASE conrelid WHEN 0 THEN contypid::regtype::text ELSE conrelid::regclass::text END, conname,
            pg_get_constraintdef(oid)), oid
    FROM bound WHERE contype <> 't' AND NOT stands_inside
    UNION ALL
    SELECT 'index', relname, pg_get_indexdef(indexrelid), indexrelid FROM index WHERE constraint_oid IS NULL
    UNION ALL
    SELECT 'view', relname, format(E'CREATE VIEW %%s%%s AS\n%%s', oid::regclass, ' WITH (' || options || ')',
        rtrim(pg_get_viewdef(oid), ';')), oid
    FROM relation WHERE relkind = 'v'
    UNION ALL
    SELECT 'statistics', x.stxname, pg_get_statisticsobjdef(x.oid), x.oid
    FROM relation r JOIN pg_statistic_ext x ON x.stxrelid = r.oid
    UNION ALL
    SELECT 'trigger', t.tgname, pg_get_triggerdef(t.oid), t.oid
    FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid WHERE NOT t.tgisinternal
    UNION ALL
    SELECT 'policy', p.polname, concat_ws(' ',
        format('CREATE POLICY %%I ON %%s AS %%s FOR %%s TO %%s', p.polname, r.oid::regclass,
            CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
            CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
                          ELSE 'ALL' END,
            (SELECT string_agg(CASE o WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(o)) END, ', '
                               ORDER BY pg_get_userbyid(o)) FROM unnest(p.polroles) AS o)),
        'USING (' || pg_get_expr(p.polqual, p.polrelid) || ')',
        'WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'
    ), p.oid
    FROM relation r JOIN pg_policy p ON p.polrelid = r.oid
    UNION ALL
    SELECT 'setting', relname, format('ALTER TABLE %%s ENABLE ROW LEVEL SECURITY', oid::regclass), NULL
    FROM relation WHERE relrowsecurity
    UNION ALL
    SELECT 'setting', relname, format('ALTER TABLE %%s FORCE ROW LEVEL SECURITY', oid::regclass), NULL
    FROM relation WHERE relforcerowsecurity
    UNION ALL
    SELECT 'setting', relname, format('ALTER TABLE %%s REPLICA IDENTITY %%s', oid::regclass,
        CASE relreplident WHEN 'f' THEN 'FULL' ELSE 'NOTHING' END), NULL
    FROM relation WHERE relkind = 'r' AND relreplident IN ('f', 'n')
    UNION ALL
    SELECT 'setting', relname, format('ALTER TABLE %%s REPLICA IDENTITY USING INDEX %%I', indrelid::regclass, relname),
        NULL
    FROM index WHERE indisreplident
    UNION ALL
    SELECT 'setting', relname, format('ALTER TABLE %%s CLUSTER ON %%I', indrelid::regclass, relname), NULL
    FROM index WHERE indisclustered
    UNION ALL
    -- Those of other indexes stand in their definition.
    SELECT 'setting', relname, format('ALTER INDEX %%s SET (%%s)', indexrelid::regclass,
        array_to_string(reloptions, ', ')), NULL
    FROM index WHERE constraint_oid IS NOT NULL AND reloptions IS NOT NULL
    UNION ALL
    SELECT 'setting', i.relname, format('ALTER INDEX %%s ALTER COLUMN %%s SET STATISTICS %%s', i.indexrelid::regclass,
        a.attnum, to_jsonb(a) ->> 'attstattarget'), NULL
    FROM index i JOIN pg_attribute a ON a.attrelid = i.indexrelid
    WHERE (to_jsonb(a) ->> 'attstattarget')::int >= 0
    UNION ALL
    SELECT 'setting', q.relname, format('ALTER SEQUENCE %%s OWNED BY %%s.%%I', q.oid::regclass, q.table_oid::regclass,
        a.attname), NULL
    FROM sequence q JOIN attribute a ON a.attrelid = q.table_oid AND a.attnum = q.attnum WHERE q.deptype = 'a'
    UNION ALL
    SELECT 'setting', relname, format('ALTER VIEW %%s ALTER COLUMN %%I SET DEFAULT %%s', attrelid::regclass, attname,
        expression), NULL
    FROM attribute WHERE relkind = 'v' AND expression IS NOT NULL
    UNION ALL
    SELECT 'setting', x.stxname, format('ALTER STATISTICS %%s SET STATISTICS %%s',
        (pg_identify_object('pg_statistic_ext'::regclass, x.oid, 0)).identity, to_jsonb(x) ->> 'stxstattarget'), NULL
    FROM relation r JOIN pg_statistic_ext x ON x.stxrelid = r.oid
    WHERE (to_jsonb(x) ->> 'stxstattarget')::int >= 0
    UNION ALL
    SELECT 'setting', t.tgname, format('ALTER TABLE %%s %%s TRIGGER %%I', r.oid::regclass, CASE t.tgenabled
        WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, t.tgname), NULL
    FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid WHERE NOT t.tgisinternal AND t.tgenabled <> 'O'
    UNION ALL
    SELECT 'comment', i.identity, format('COMMENT ON %%s IS %%L',
        CASE
            WHEN i.type LIKE '%% column' THEN 'COLUMN ' || i.identity
            WHEN i.type = 'table constraint' THEN 'CONSTRAINT ' || i.identity
            WHEN i.type = 'domain constraint' THEN
                (SELECT format('CONSTRAINT %%I ON DOMAIN %%s', conname, contypid::regtype) FROM bound
                 WHERE oid = d.objoid)
            WHEN i.type = 'statistics object' THEN 'STATISTICS ' || i.identity
            ELSE upper(i.type) || ' ' || i.identity
        END, d.description), NULL
    FROM (SELECT DISTINCT classid, objid FROM part) AS p
    JOIN pg_description d ON d.classoid = p.classid AND d.objoid = p.objid
    CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) i
)
SELECT s.kind, s.name, s.sql, s.node, coalesce(n.needs, '{}') FROM statement s LEFT JOIN need n ON n.node = s.node

-- ledger_path --
SELECT set_config('search_path', %(schema)s, true), to_regclass(format('%%I.django_migrations', %(schema)s::text)) IS NOT NULL

-- ledger --
SELECT format('INSERT INTO django_migrations (app, name, applied) VALUES (%%L, %%L, now())', app, name)
FROM django_migrations ORDER BY id

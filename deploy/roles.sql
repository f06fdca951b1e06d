-- Database roles of Leasehold and what they may do in the current database. Idempotent.
-- Run as the administrator, connected to the product's database, before the first migrate and after each
-- CREATE DATABASE ... TEMPLATE (the copy loses database-level grants and settings). Then set the passwords:
--   \password app     \password console     \password owner     \password backup
-- The administrator is a superuser, or, on managed PostgreSQL, a role with CREATEROLE that owns the database. The second
-- cannot take what pg_catalog gives to PUBLIC: the end of this file warns of what stays open (docs/support.md).

-- 1. The cluster: roles. Each is made once and corrected only where it differs.
DO $roles$
DECLARE
    wanted record;
    limits CONSTANT text := ' NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS';
BEGIN
    FOR wanted IN
        SELECT r.*, format('%s %s %s', CASE WHEN login THEN 'LOGIN' ELSE 'NOLOGIN' END,
            CASE WHEN inherit THEN 'INHERIT' ELSE 'NOINHERIT' END,
            CASE WHEN createrole THEN 'CREATEROLE' ELSE 'NOCREATEROLE' END) || limits AS options
        FROM (VALUES
            ('owner',    true,  true,  true),
            ('app',      true,  false, false),
            ('console',  true,  false, false),
            ('backup',   true,  false, false),
            ('identity', false, false, false),
            ('tenant',   false, false, false)
        ) AS r (name, login, inherit, createrole)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I %s', wanted.name, wanted.options);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- Another session made it in the meantime.
            END;
        ELSIF EXISTS (
            SELECT FROM pg_roles WHERE rolname = wanted.name
            AND ((rolcanlogin, rolinherit, rolcreaterole) <> (wanted.login, wanted.inherit, wanted.createrole)
                OR rolsuper OR rolcreatedb OR rolreplication OR rolbypassrls)
        ) THEN
            EXECUTE format('ALTER ROLE %I %s', wanted.name, wanted.options);
        END IF;
    END LOOP;

    -- On 15 there are no such options, and NOINHERIT of the login does the same.
    IF NOT pg_has_role('app', 'identity', 'MEMBER') THEN
        EXECUTE 'GRANT identity TO app'
            || CASE WHEN current_setting('server_version_num')::int >= 160000 THEN ' WITH INHERIT FALSE, SET TRUE' ELSE '' END;
    END IF;
    -- owner makes tenant roles and puts them into the group; it never becomes one of them by itself.
    IF NOT EXISTS (
        SELECT FROM pg_auth_members m
        WHERE m.roleid = 'tenant'::regrole AND m.member = 'owner'::regrole AND m.admin_option
    ) THEN
        GRANT tenant TO owner WITH ADMIN OPTION;
    END IF;
END
$roles$;

-- 2. The database: who may connect, and nobody but owner may create anything.
DO $database$
DECLARE
    login text;
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    -- tenant: for those tenants whose role logs in by itself (strict mode). The others cannot log in.
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO app, console, owner, backup, tenant', current_database());
    EXECUTE format('GRANT CREATE ON DATABASE %I TO owner', current_database());
    FOREACH login IN ARRAY ARRAY['app', 'console', 'backup'] LOOP
        EXECUTE format('ALTER ROLE %I IN DATABASE %I SET search_path = %L', login, current_database(), '');
    END LOOP;
    EXECUTE format('ALTER ROLE owner IN DATABASE %I SET search_path = public', current_database());
    FOREACH login IN ARRAY ARRAY['app', 'console', 'owner', 'backup'] LOOP
        EXECUTE format('ALTER ROLE %I IN DATABASE %I SET timezone = %L', login, current_database(), 'UTC');
    END LOOP;
END
$database$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO owner;
GRANT USAGE ON SCHEMA public TO app, console, backup, identity, tenant;

-- 3. What a tenant role could use to step out of its transaction, to reach or watch another session, or to wait for
--    ever. Logins that need one of these get it back by name. Each statement here is skipped where it would only warn.
DO $catalog$
DECLARE
    closed CONSTANT text := '^(set_config|setseed|pg_cancel_backend|pg_terminate_backend'
        '|pg_notify|pg_notification_queue_usage|pg_sleep(_for|_until)?|pg_export_snapshot'
        '|pg_(try_)?advisory_.*|lo_.*|loread|lowrite'
        '|pg_(database|tablespace|total_relation|relation|table|indexes)_size'
        '|pg_stat_.*|pg_lock_status|pg_(safe_snapshot_)?blocking_pids|pg_isolation_test_session_is_blocked'
        '|pg_prepared_(xact|statement)|pg_get_replication_slots|pg_get_multixact_members'
        '|pg_logical_emit_message|pg_current_wal_.*|pg_last_(wal|xact|committed)_.*|pg_xact_commit_timestamp.*'
        '|pg_control_.*|pg_available_wal_summaries|pg_wal_summary_contents|pg_get_wal_summarizer_state)$';
    -- Extensions that show other sessions, or reach files and servers.
    watching CONSTANT text[] := ARRAY['pg_stat_statements', 'pg_buffercache', 'pgstattuple', 'pgrowlocks', 'pageinspect',
        'pg_visibility', 'pg_walinspect', 'pg_freespacemap', 'pg_prewarm', 'amcheck', 'adminpack', 'dblink',
        'postgres_fdw', 'file_fdw', 'xml2', 'lo'];
    found record;
BEGIN
    IF (SELECT pg_has_role(lanowner, 'USAGE') FROM pg_language WHERE lanname = 'plpgsql') THEN
        REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
        GRANT USAGE ON LANGUAGE plpgsql TO owner;
    END IF;

    -- One statement for all functions of a kind. What initdb itself keeps from PUBLIC (lo_export writes files of the
    -- server) is no function of ours to give: an earlier version of this file did.
    FOR found IN
        SELECT string_agg(p.oid::regprocedure::text, ', ') AS functions,
            i.objoid IS NULL AND p.proname !~ '^lo' AS for_logins
        FROM pg_proc p
        LEFT JOIN pg_init_privs i ON i.classoid = 'pg_proc'::regclass AND i.objoid = p.oid AND i.objsubid = 0
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ closed AND pg_has_role(p.proowner, 'USAGE')
        GROUP BY 2
    LOOP
        IF found.for_logins THEN
            EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', found.functions);
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO owner, console, backup, pg_monitor', found.functions);
        ELSE
            EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC, owner, console, backup', found.functions);
        END IF;
    END LOOP;
    IF (SELECT pg_has_role(proowner, 'USAGE') FROM pg_proc WHERE oid = 'set_config(text, text, boolean)'::regprocedure) THEN
        -- Nor to app, although Django would call it for a time zone that the login does not have: outside of a tenant one
        -- SELECT with set_config('role', ...) and ts_stat(...) would read any tenant. An earlier version gave it.
        REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM app;
    END IF;

    -- How many rows a table of another tenant has.
    IF (SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'pg_class'::regclass) THEN
        REVOKE SELECT ON pg_catalog.pg_class FROM PUBLIC;
        EXECUTE (
            SELECT format('GRANT SELECT (%s) ON pg_catalog.pg_class TO PUBLIC', string_agg(quote_ident(attname), ', '))
            FROM pg_attribute WHERE attrelid = 'pg_class'::regclass AND NOT attisdropped
            AND attname NOT IN ('reltuples', 'relpages', 'relallvisible', 'relallfrozen', 'relfrozenxid', 'relminmxid')
        );
        GRANT SELECT ON pg_catalog.pg_class TO owner, console, backup, pg_monitor;
    END IF;

    FOR found IN
        SELECT CASE d.classid WHEN 'pg_proc'::regclass THEN 'EXECUTE ON ROUTINE ' || d.objid::regprocedure
            ELSE 'SELECT ON ' || d.objid::regclass END AS privilege
        FROM pg_extension e
        JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
        LEFT JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
        LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
        WHERE e.extname = ANY (watching) AND pg_has_role(coalesce(p.proowner, c.relowner), 'USAGE')
    LOOP
        EXECUTE format('REVOKE %s FROM PUBLIC', found.privilege);
    END LOOP;
END
$catalog$;

-- 4. What could not be taken.
DO $left_open$
DECLARE
    open text;
BEGIN
    SELECT string_agg(DISTINCT name, ', ' ORDER BY name) INTO open
    FROM (
        SELECT proname FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace AND has_function_privilege('tenant', oid, 'EXECUTE')
        AND proname IN ('set_config', 'setseed', 'pg_cancel_backend', 'pg_terminate_backend', 'pg_notify', 'pg_sleep',
            'pg_export_snapshot', 'pg_advisory_lock', 'lo_create', 'pg_database_size', 'pg_stat_get_activity',
            'pg_lock_status', 'pg_logical_emit_message', 'pg_current_wal_lsn', 'pg_control_system')
        UNION ALL
        SELECT 'plpgsql' WHERE has_language_privilege('tenant', 'plpgsql', 'USAGE')
        UNION ALL
        SELECT 'TEMP' WHERE has_database_privilege('tenant', current_database(), 'TEMP')
        UNION ALL
        SELECT 'pg_class.reltuples' WHERE has_column_privilege('tenant', 'pg_class', 'reltuples', 'SELECT')
    ) AS left_open (name);
    IF open IS NOT NULL THEN
        RAISE WARNING '% is no superuser, so these stay open to tenant roles: %', current_user, open
            USING HINT = 'manage.py tenants_audit says what each allows; docs/support.md, what closes it.';
    END IF;
END
$left_open$;

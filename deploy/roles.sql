-- Database roles of Leasehold and what they may do in the current database. Idempotent.
-- Run as the administrator, connected to the product's database, before the first migrate and after each
-- CREATE DATABASE ... TEMPLATE (the copy loses database-level grants and settings). Then set the passwords:
--   \password app     \password console     \password owner     \password backup

-- 1. The cluster: roles. Each is made once and corrected only where it differs.
DO $roles$
DECLARE
    wanted record;
    options text;
BEGIN
    FOR wanted IN
        SELECT * FROM (VALUES
            ('owner',    'LOGIN INHERIT CREATEROLE NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS'),
            ('app',      'LOGIN NOINHERIT NOCREATEROLE NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS'),
            ('console',  'LOGIN NOINHERIT NOCREATEROLE NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS'),
            ('backup',   'LOGIN NOINHERIT NOCREATEROLE NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS'),
            ('identity', 'NOLOGIN NOINHERIT NOCREATEROLE NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS'),
            ('tenant',   'NOLOGIN NOINHERIT NOCREATEROLE NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS')
        ) AS roles (name, options)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I %s', wanted.name, wanted.options);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- Another session made it in the meantime.
            END;
        END IF;
    END LOOP;

    options := CASE WHEN current_setting('server_version_num')::int >= 160000
        THEN ' WITH INHERIT FALSE, SET TRUE' ELSE '' END;
    IF NOT pg_has_role('app', 'identity', 'MEMBER') THEN
        EXECUTE 'GRANT identity TO app' || options;
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
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO app, console, owner, backup', current_database());
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

-- 3. What a tenant role could use to step out of its transaction, to reach another session, or to wait for ever.
--    Logins that need one of these get it back by name.
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
GRANT USAGE ON LANGUAGE plpgsql TO owner;
DO $functions$
DECLARE
    revoked record;
BEGIN
    FOR revoked IN
        SELECT p.oid::regprocedure AS signature
        FROM pg_proc p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace
          AND (p.proname IN (
                'set_config', 'pg_cancel_backend', 'pg_terminate_backend', 'pg_notify', 'pg_logical_emit_message',
                'pg_sleep', 'pg_sleep_for', 'pg_sleep_until', 'pg_export_snapshot',
                'pg_database_size', 'pg_tablespace_size', 'pg_total_relation_size', 'pg_relation_size',
                'pg_table_size', 'pg_indexes_size',
                -- The texts of what an earlier tenant prepared in this session, values and all.
                'pg_prepared_statement')
            OR p.proname LIKE 'lo\_%' OR p.proname IN ('loread', 'lowrite')
            OR p.proname LIKE 'pg\_advisory\_%' OR p.proname LIKE 'pg\_try\_advisory\_%'
            OR p.proname LIKE 'pg\_stat\_get\_%')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', revoked.signature);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO owner, console, backup', revoked.signature);
    END LOOP;
END
$functions$;
-- Nor to app, although Django would call it for a time zone that the login does not have: outside of a tenant one SELECT
-- with set_config('role', ...) and ts_stat(...) would read any tenant. An earlier version of this file gave it.
REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM app;

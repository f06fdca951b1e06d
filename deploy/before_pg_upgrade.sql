-- Gives back what roles.sql took in pg_catalog. Run it as a superuser in every database of Leasehold right before
-- pg_upgrade, with every process stopped: pg_upgrade carries grants on system functions over by their names and fails at
-- the first that the new version does not have. Afterwards run roles.sql; until then the database is open.
DO $functions$
DECLARE
    taken text;
BEGIN
    SELECT string_agg(p.oid::regprocedure::text, ', ') INTO taken
    FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proacl IS NOT NULL AND NOT EXISTS (
        SELECT FROM pg_init_privs i WHERE i.classoid = 'pg_proc'::regclass AND i.objoid = p.oid AND i.objsubid = 0
    );
    IF taken IS NOT NULL THEN
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM owner, app, console, backup, pg_monitor', taken);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO PUBLIC', taken);
    END IF;
END
$functions$;

-- Also what stands on single columns.
REVOKE SELECT ON pg_catalog.pg_class FROM PUBLIC, owner, console, backup, pg_monitor;
DO $columns$
BEGIN
    EXECUTE (
        SELECT format('REVOKE SELECT (%s) ON pg_catalog.pg_class FROM PUBLIC', string_agg(quote_ident(attname), ', '))
        FROM pg_attribute WHERE attrelid = 'pg_class'::regclass AND NOT attisdropped
    );
END
$columns$;
GRANT SELECT ON pg_catalog.pg_class TO PUBLIC;

GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC;
REVOKE USAGE ON LANGUAGE plpgsql FROM owner;

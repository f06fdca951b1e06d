-- PUBLIC may run every new function unless somebody remembers to revoke it. From here on nobody may run what owner makes
-- in `public` until a migration grants it, and a tenant may run what stands in its own schema.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON ROUTINES FROM PUBLIC;
DO $existing$
DECLARE
    schema name;
BEGIN
    FOR schema IN SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_[0-9a-f]{32}$' AND nspowner = 'owner'::regrole LOOP
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT EXECUTE ON ROUTINES TO %I', schema, schema);
    END LOOP;
END
$existing$;

-- The raw functions are closed to tenants, since a lock's key would reach every other tenant. In here current_user is the
-- owner, so the tenant is told by `role`: it holds what SET ROLE was allowed to set, or `none` for a login of the tenant.
CREATE FUNCTION public.tenants_hold_lock(name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    holder CONSTANT text := coalesce(nullif(current_setting('role'), 'none'), session_user);
BEGIN
    IF name IS NULL OR holder !~ '^t_[0-9a-f]{32}$' THEN
        RAISE EXCEPTION 'a lock has a name, and a tenant who holds it' USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- No hash that somebody could turn round to hit another tenant's key.
    PERFORM pg_advisory_xact_lock(
        ('x' || encode(substr(sha256(convert_to(holder || ':' || name, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint);
END
$body$;
COMMENT ON FUNCTION public.tenants_hold_lock(text) IS
    'Waits for the lock of this name in the tenant whose role calls, and holds it until the transaction ends.';
REVOKE EXECUTE ON FUNCTION public.tenants_hold_lock(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.tenants_hold_lock(text) TO tenant;

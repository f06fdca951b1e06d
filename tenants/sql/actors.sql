-- Who acts inside a tenant, told by the setting that only the message which enters a context writes. What is not
-- understood is nobody: an unset setting, an empty one (its value after the transaction that set it), any other text.
CREATE FUNCTION public.actor_sees_all() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(current_setting('leasehold.actor', true) IN ('system', 'staff'), false);
COMMENT ON FUNCTION public.actor_sees_all() IS
    'Whether the work itself or a verified member acts, who see every row of the tenant.';

CREATE FUNCTION public.current_visitor() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN current_setting('leasehold.actor', true) ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
        THEN current_setting('leasehold.actor', true)::uuid
END;
COMMENT ON FUNCTION public.current_visitor() IS
    'The visitor of the tenant''s own site who acts; NULL for everybody else.';

GRANT EXECUTE ON FUNCTION public.actor_sees_all(), public.current_visitor() TO tenant;

CREATE FUNCTION public.current_tenant() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN current_user ~ '^t_[0-9a-f]{32}$' THEN substr(current_user::text, 3)::uuid
END;
COMMENT ON FUNCTION public.current_tenant() IS
    'The tenant whose database role runs the statement; NULL for every other role.';

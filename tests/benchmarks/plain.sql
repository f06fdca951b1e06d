-- What policies of the tenant apps name and plain Django and django-tenants do not have: there the tables belong to
-- who asks, so that no policy is asked, and these two answer nobody.
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['tenant', 'backup'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I', name);
        END IF;
    END LOOP;
END
$$;
CREATE OR REPLACE FUNCTION public.actor_sees_all() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true';
CREATE OR REPLACE FUNCTION public.current_visitor() RETURNS uuid LANGUAGE sql STABLE AS 'SELECT NULL::uuid';

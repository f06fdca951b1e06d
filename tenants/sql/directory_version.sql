INSERT INTO public.tenants_directoryversion (id, version) VALUES (1, 0);

-- Deferred to COMMIT, so that the one row is locked only while the commit is written.
CREATE FUNCTION public.tenants_count_directory_version() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    UPDATE public.tenants_directoryversion SET version = version + 1;
    RETURN NULL;
END
$body$;

CREATE CONSTRAINT TRIGGER tenants_tenant_directory_version
    AFTER UPDATE OR DELETE ON public.tenants_tenant
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION public.tenants_count_directory_version();

CREATE CONSTRAINT TRIGGER tenants_domain_directory_version
    AFTER UPDATE OR DELETE ON public.tenants_domain
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION public.tenants_count_directory_version();

"""What is planted for each rule of tenants.audit.catalog, and the object that the audit must name for it."""

from dataclasses import dataclass

STRANGER = "CREATE ROLE stranger LOGIN; "
SHARED = "CREATE TABLE public.note (id uuid PRIMARY KEY{}); ALTER TABLE public.note OWNER TO owner; "
# A shared table as protect() makes it, so that what is planted on it is the only thing that is wrong.
PROTECTED = SHARED.format(", tenant_id uuid NOT NULL") + (
    "ALTER TABLE public.note ENABLE ROW LEVEL SECURITY; ALTER TABLE public.note FORCE ROW LEVEL SECURITY;"
    "CREATE POLICY owner_rows ON public.note TO owner USING (true) WITH CHECK (true); "
)
OWN = "tenant_id = (SELECT public.current_tenant())"
DEFINER = "CREATE FUNCTION {}() RETURNS {} LANGUAGE {} SECURITY DEFINER {} AS $${}$$; ALTER FUNCTION {}() OWNER TO owner; "

# What an aggregate or an index calls, its user needs no EXECUTE for.
SUPPORT = (
    "CREATE FUNCTION public.f(text, text) RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
    " AS $$SELECT string_agg(session_key, ',') FROM public.tenants_session$$;"
    "ALTER FUNCTION public.f(text, text) OWNER TO owner; REVOKE ALL ON FUNCTION public.f(text, text) FROM PUBLIC; "
)


def policy(condition: str, *, role: str = "tenant") -> str:
    return f"CREATE POLICY p ON public.note TO {role} USING ({condition}) WITH CHECK ({OWN}); "


def definer(
    name: str, *, returns: str = "int", body: str = "SELECT 1", path: str = "pg_catalog, pg_temp"
) -> str:
    language = "plpgsql" if returns == "trigger" else "sql"
    pinned = f"SET search_path = {path}" if path else ""
    return DEFINER.format(name, returns, language, pinned, body, name)


@dataclass(frozen=True)
class Plant:
    """SQL for the superuser, {a} and {b} in it are the schemas of two tenants; `also` names rules that see it as well."""

    rule: str
    statement: str
    object: str
    also: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.rule}: {self.statement[:60]}"


def plant(rule: str, statement: str, name: str, *also: str) -> Plant:
    return Plant(rule, statement, name, frozenset(also))


PLANTED = [
    # Rows
    plant("row-security-off",
          "ALTER TABLE billing_usageevent DISABLE ROW LEVEL SECURITY",
          "table public.billing_usageevent"),
    plant("row-security-off", "ALTER TABLE tenants_user NO FORCE ROW LEVEL SECURITY", "table public.tenants_user"),
    plant("row-security-off",
          "ALTER TABLE tenants_credential DISABLE ROW LEVEL SECURITY",
          "table public.tenants_credential"),
    plant("row-security-off", SHARED.format(", tenant_id uuid NOT NULL"), "table public.note"),
    plant("row-security-off", SHARED.format(", whose uuid REFERENCES tenants_tenant"), "table public.note"),
    plant("row-security-off",
          PROTECTED.replace("PRIMARY KEY", "NOT NULL").replace(
              "NOT NULL);", "NOT NULL) PARTITION BY HASH (id);"
          )
          + "CREATE TABLE public.part PARTITION OF public.note FOR VALUES WITH (MODULUS 1, REMAINDER 0);"
          "ALTER TABLE public.part OWNER TO owner",
          "table public.part"),
    plant("shared-table-undeclared", SHARED.format(""), "table public.note"),
    plant("shared-table-writable", "GRANT UPDATE ON billing_plan TO tenant", "table public.billing_plan"),
    plant("shared-table-writable", "GRANT INSERT ON tenants_operator TO app", "table public.tenants_operator"),
    plant("policy-of-owner-missing", "DROP POLICY owner_rows ON tenants_domain", "table public.tenants_domain"),
    plant("policy-of-owner-missing",
          "ALTER POLICY owner_rows ON tenants_domain USING (is_primary)",
          "table public.tenants_domain"),
    plant("policy-without-check",
          PROTECTED + f"CREATE POLICY p ON public.note TO tenant USING ({OWN})",
          "policy p on public.note"),
    plant("policy-without-check",
          PROTECTED + f"CREATE POLICY p ON public.note TO tenant WITH CHECK ({OWN})",
          "policy p on public.note"),
    plant("policy-not-own-rows",
          PROTECTED + policy("id = (SELECT public.current_tenant())"),
          "policy p on public.note"),
    plant("policy-not-own-rows",
          PROTECTED + policy("tenant_id = public.current_tenant()", role="{a}"),
          "policy p on public.note", "policy-to-stranger"),
    plant("policy-not-own-rows",
          "ALTER POLICY tenant_rows ON tenants_user USING ((SELECT public.current_tenant()) <> id)",
          "policy tenant_rows on public.tenants_user", "exception-unused"),
    plant("policy-escape",
          PROTECTED + policy(f"{OWN} OR tenant_id = id"),
          "policy p on public.note", "policy-not-own-rows"),
    plant("policy-escape",
          PROTECTED + policy("(SELECT public.current_tenant()) IS NULL"),
          "policy p on public.note", "policy-not-own-rows"),
    plant("policy-escape",
          PROTECTED + policy("tenant_id = current_setting('app.tenant')::uuid"),
          "policy p on public.note", "policy-not-own-rows"),
    plant("policy-escape", PROTECTED + policy("true"), "policy p on public.note", "policy-not-own-rows"),
    plant("policy-escape",
          PROTECTED + policy("id IS NOT DISTINCT FROM id", role="identity"),
          "policy p on public.note"),
    plant("policy-escape",
          "ALTER POLICY tenant_rows ON tenants_user USING (EXISTS (SELECT FROM tenants_membership m WHERE m.user_id = tenants_user.id))",
          "policy tenant_rows on public.tenants_user", "policy-not-own-rows", "exception-unused"),
    plant("policy-open-to-login", PROTECTED + policy("true", role="app"), "policy p on public.note"),
    plant("policy-open-to-login",
          "CREATE POLICY p ON billing_usagehour TO identity USING (true) WITH CHECK (false)",
          "policy p on public.billing_usagehour", "policy-escape"),
    plant("policy-to-stranger", PROTECTED + policy(OWN, role="PUBLIC"), "policy p on public.note"),
    plant("policy-to-stranger",
          STRANGER + PROTECTED + policy(OWN, role="console, stranger"),
          "policy p on public.note"),
    plant("current-tenant-differs",
          "CREATE OR REPLACE FUNCTION public.current_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE"
          " RETURN current_setting('app.tenant')::uuid",
          "function public.current_tenant()"),
    plant("current-tenant-differs",
          "ALTER FUNCTION public.current_tenant() SET search_path = public",
          "function public.current_tenant()"),
    plant("current-tenant-differs",
          "ALTER FUNCTION public.current_tenant() RENAME TO tenant_of_now",
          "function public.current_tenant()", "policy-escape", "policy-not-own-rows", "exception-unused"),
    plant("tenant-table-without-key",
          "CREATE TABLE {a}.loose (id uuid); ALTER TABLE {a}.loose OWNER TO owner",
          "table {a}.loose"),
    plant("tenant-id-nullable",
          "ALTER TABLE billing_usagehour ALTER tenant_id DROP NOT NULL",
          "column public.billing_usagehour.tenant_id"),
    plant("unique-without-tenant", "CREATE UNIQUE INDEX meters ON billing_usagehour (meter)", "index public.meters"),
    plant("unique-without-tenant",
          "CREATE UNIQUE INDEX meters ON billing_usagehour (meter) INCLUDE (tenant_id)",
          "index public.meters"),
    plant("unique-without-tenant", "CREATE UNIQUE INDEX names ON tenants_user (lower(name))", "index public.names"),
    plant("unique-without-tenant",
          "ALTER TABLE billing_usagehour ADD CONSTRAINT hours EXCLUDE (hour WITH =)",
          "index public.hours"),
    plant("foreign-key-without-tenant",
          "ALTER TABLE billing_usagehour ADD CONSTRAINT k FOREIGN KEY (id) REFERENCES billing_subscription (id)",
          "constraint k on public.billing_usagehour"),
    plant("foreign-key-without-tenant",
          "ALTER TABLE billing_usagehour ADD CONSTRAINT k FOREIGN KEY (id, tenant_id) REFERENCES billing_subscription (tenant_id, id)",
          "constraint k on public.billing_usagehour"),
    plant("foreign-key-without-tenant",
          "ALTER TABLE tenants_apikeydigest DROP CONSTRAINT apikeydigest_key_id_same_tenant;"
          "ALTER TABLE tenants_apikeydigest RENAME CONSTRAINT tenants_apikeydigest_key_id_dff98d72_fk_tenants_apikey_id TO k",
          "constraint k on public.tenants_apikeydigest"),
    plant("foreign-key-deferred",
          "ALTER TABLE {a}.commerce_variant ADD CONSTRAINT k FOREIGN KEY (product_id) REFERENCES {a}.commerce_product DEFERRABLE INITIALLY DEFERRED",
          "constraint k on {a}.commerce_variant"),
    plant("foreign-key-not-checked",
          "ALTER TABLE tenants_apikey DROP CONSTRAINT apikey_membership_id_same_tenant;"
          "ALTER TABLE tenants_apikey ADD CONSTRAINT k FOREIGN KEY (tenant_id, membership_id) REFERENCES tenants_membership (tenant_id, id) NOT VALID",
          "constraint k on public.tenants_apikey"),
    plant("trigger-disabled",
          "ALTER TABLE tenants_domain DISABLE TRIGGER tenants_domain_directory_version",
          "table public.tenants_domain"),
    plant("trigger-disabled", "ALTER TABLE billing_usagecount DISABLE TRIGGER ALL", "table public.billing_usagecount"),
    plant("trigger-disabled", "ALTER TABLE {a}.commerce_variant DISABLE TRIGGER ALL", "table {a}.commerce_variant"),
    plant("foreign-key-between-tenants",
          "ALTER TABLE {a}.commerce_variant ADD CONSTRAINT k FOREIGN KEY (id) REFERENCES {b}.commerce_product",
          "constraint k on {a}.commerce_variant"),
    plant("foreign-key-between-tenants",
          "ALTER TABLE billing_plan ADD CONSTRAINT k FOREIGN KEY (id) REFERENCES {b}.commerce_product NOT VALID",
          "constraint k on public.billing_plan", "foreign-key-not-checked"),
    plant("foreign-key-leaves-schema",
          "ALTER TABLE {a}.commerce_variant ADD CONSTRAINT k FOREIGN KEY (id) REFERENCES tenants_user",
          "constraint k on {a}.commerce_variant"),
    plant("ledger-writable", "GRANT DELETE ON {a}.django_migrations TO {a}", "table {a}.django_migrations"),
    plant("ledger-writable", "GRANT INSERT ON django_migrations TO console", "table public.django_migrations"),
    plant("sequence-reachable",
          "GRANT SELECT ON SEQUENCE django_admin_log_id_seq TO tenant",
          "sequence public.django_admin_log_id_seq"),
    # Access
    plant("owner-differs", "ALTER SCHEMA {a} OWNER TO console", "schema {a}"),
    plant("owner-differs", "ALTER TABLE {a}.commerce_variant OWNER TO {a}", "table {a}.commerce_variant"),
    plant("owner-differs",
          "ALTER FUNCTION {a}.commerce_refuse_category_cycle() OWNER TO app",
          "function {a}.commerce_refuse_category_cycle()"),
    plant("owner-differs", "CREATE SEQUENCE public.counter", "sequence public.counter"),
    plant("owner-differs", "CREATE TYPE public.mood AS ENUM ('good')", "type public.mood"),
    plant("owner-differs", "CREATE VIEW public.v WITH (security_invoker) AS SELECT 1 AS one", "view public.v"),
    plant("owner-differs",
          "CREATE COLLATION public.c FROM \"C\"; ALTER COLLATION public.c OWNER TO {a}",
          "collation public.c"),
    plant("owner-differs",
          "CREATE TYPE public.pair AS (one int); ALTER TYPE public.pair OWNER TO tenant",
          "type public.pair"),
    plant("schema-unknown", "CREATE SCHEMA reporting AUTHORIZATION owner", "schema reporting"),
    plant("create-on-schema", "GRANT CREATE ON SCHEMA public TO console", "schema public"),
    plant("create-on-schema", "GRANT CREATE ON SCHEMA {a} TO {a}", "schema {a}"),
    plant("create-on-schema", "GRANT CREATE ON SCHEMA pg_catalog TO PUBLIC", "schema pg_catalog"),
    plant("schema-usage-unexpected", "GRANT USAGE ON SCHEMA public TO PUBLIC", "schema public"),
    plant("schema-usage-unexpected", "GRANT USAGE ON SCHEMA public TO {a}", "schema public"),
    plant("database-privilege", "GRANT TEMP ON DATABASE {database} TO PUBLIC", "database {database}"),
    plant("database-privilege", "GRANT CREATE ON DATABASE {database} TO console", "database {database}"),
    plant("database-privilege", STRANGER + "GRANT CONNECT ON DATABASE {database} TO stranger", "database {database}"),
    plant("role-missing",
          "ALTER ROLE identity RENAME TO identities",
          "role identity", "exception-unused", "schema-usage-unexpected", "policy-to-stranger", "grant-to-stranger", "membership-unexpected"),
    plant("role-attribute", "ALTER ROLE app SUPERUSER", "role app"),
    plant("role-attribute", "ALTER ROLE console BYPASSRLS", "role console"),
    plant("role-attribute", "ALTER ROLE backup REPLICATION", "role backup"),
    plant("role-attribute", "ALTER ROLE owner CREATEDB", "role owner"),
    plant("role-attribute", "ALTER ROLE identity CREATEROLE", "role identity"),
    plant("role-attribute", "ALTER ROLE app INHERIT", "role app"),
    plant("role-attribute", "ALTER ROLE {a} LOGIN", "role {a}"),
    plant("role-attribute", "SET LOCAL ROLE owner; REVOKE {a} FROM app; RESET ROLE; ALTER ROLE {a} LOGIN BYPASSRLS", "role {a}"),
    plant("membership-unexpected", "GRANT console TO app", "membership of app in console"),
    plant("membership-unexpected", "GRANT {b} TO {a}", "membership of {a} in {b}"),
    plant("membership-unexpected", "GRANT identity TO tenant", "membership of tenant in identity"),
    plant("membership-unexpected",
          "GRANT pg_read_all_data TO identity",
          "membership of identity in pg_read_all_data"),
    plant("membership-unexpected", STRANGER + "GRANT tenant TO stranger", "membership of stranger in tenant"),
    plant("membership-unexpected", "GRANT identity TO app WITH ADMIN OPTION", "membership of app in identity"),
    plant("grant-in-tenant-schema", "GRANT USAGE ON SCHEMA {a} TO {b}", "schema {a}"),
    plant("grant-in-tenant-schema", "GRANT SELECT ON {a}.commerce_variant TO tenant", "table {a}.commerce_variant"),
    plant("grant-in-tenant-schema", "GRANT SELECT ON {a}.commerce_variant TO PUBLIC", "table {a}.commerce_variant"),
    plant("grant-in-tenant-schema", "GRANT TRUNCATE ON {a}.commerce_variant TO {a}", "table {a}.commerce_variant"),
    plant("grant-in-tenant-schema", "GRANT UPDATE ON {a}.commerce_variant TO backup", "table {a}.commerce_variant"),
    plant("grant-to-stranger", "GRANT SELECT ON tenants_backup TO PUBLIC", "table public.tenants_backup"),
    plant("grant-to-stranger", "GRANT SELECT ON billing_plan TO {a}", "table public.billing_plan"),
    plant("grant-to-stranger",
          STRANGER + "GRANT USAGE ON SEQUENCE django_admin_log_id_seq TO stranger",
          "sequence public.django_admin_log_id_seq"),
    plant("grant-bypasses-policies",
          "GRANT TRUNCATE ON tenants_auditentry TO tenant",
          "table public.tenants_auditentry"),
    plant("grant-bypasses-policies", "GRANT TRIGGER ON tenants_domain TO console", "table public.tenants_domain"),
    plant("grant-bypasses-policies", "GRANT REFERENCES ON tenants_domain TO app", "table public.tenants_domain"),
    plant("grant-option", "GRANT SELECT ON billing_plan TO tenant WITH GRANT OPTION", "table public.billing_plan"),
    plant("grant-option", "GRANT USAGE ON SCHEMA public TO app WITH GRANT OPTION", "schema public"),
    plant("grant-option",
          "GRANT EXECUTE ON FUNCTION public.current_tenant() TO tenant WITH GRANT OPTION",
          "function public.current_tenant()"),
    plant("grant-on-column", "GRANT UPDATE (name) ON tenants_tenant TO tenant", "column public.tenants_tenant.name"),
    plant("default-privileges",
          "ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA {a} GRANT SELECT ON TABLES TO PUBLIC",
          "default privileges in {a}"),
    plant("default-privileges",
          "ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA {a} REVOKE SELECT ON TABLES FROM backup",
          "default privileges in {a}"),
    plant("default-privileges",
          "ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT ON TABLES TO tenant",
          "default privileges in all schemas"),
    plant("role-setting",
          "ALTER ROLE app IN DATABASE {database} RESET search_path",
          "setting search_path of role app"),
    plant("role-setting",
          "ALTER ROLE app IN DATABASE {database} SET search_path = public",
          "setting search_path of role app"),
    plant("role-setting",
          "ALTER ROLE backup IN DATABASE {database} SET timezone = 'Europe/Paris'",
          "setting timezone of role backup"),
    plant("role-setting", "ALTER ROLE console SET role = tenant", "setting role of role console"),
    plant("role-setting", "ALTER ROLE {a} SET search_path = public", "setting search_path of role {a}"),
    plant("default-privileges",
          "ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA {a} REVOKE EXECUTE ON ROUTINES FROM {a}",
          "default privileges in {a}"),
    plant("routine-open-by-default",
          "ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT EXECUTE ON ROUTINES TO PUBLIC",
          "default privileges in all schemas"),
    plant("setting-of-all-roles",
          "ALTER DATABASE {database} SET session_replication_role = replica",
          "setting session_replication_role of database {database}"),
    plant("setting-of-all-roles",
          "ALTER ROLE ALL SET session_replication_role = replica",
          "setting session_replication_role of all roles"),
    plant("catalog-grant", "GRANT SELECT ON pg_statistic TO tenant", "catalog pg_statistic"),
    plant("catalog-grant", "GRANT SELECT (rolname, rolpassword) ON pg_authid TO PUBLIC", "catalog pg_authid"),
    plant("catalog-grant", "GRANT UPDATE ON pg_class TO {a}", "catalog pg_class"),
    plant("parameter-grant",
          "GRANT SET ON PARAMETER session_replication_role TO app",
          "parameter session_replication_role"),
    # Objects
    plant("view-not-invoker",
          "CREATE VIEW public.v AS SELECT * FROM tenants_tenant; GRANT SELECT ON public.v TO tenant; ALTER VIEW public.v OWNER TO owner",
          "view public.v"),
    plant("view-not-invoker",
          "CREATE VIEW public.v WITH (security_invoker = false) AS SELECT slug FROM tenants_tenant; ALTER VIEW public.v OWNER TO owner; GRANT SELECT (slug) ON public.v TO app",
          "view public.v", "grant-on-column"),
    plant("view-not-invoker",
          "CREATE VIEW {a}.v AS SELECT * FROM {b}.commerce_variant; ALTER VIEW {a}.v OWNER TO owner",
          "view {a}.v"),
    plant("relation-without-policies",
          "CREATE MATERIALIZED VIEW public.m AS SELECT * FROM tenants_tenant; ALTER TABLE public.m OWNER TO owner; GRANT SELECT ON public.m TO tenant",
          "materialized view public.m"),
    plant("relation-without-policies",
          "CREATE MATERIALIZED VIEW {a}.m AS SELECT 1 AS one; ALTER TABLE {a}.m OWNER TO owner",
          "materialized view {a}.m"),
    plant("definer-function", definer("public.f"), "function public.f()"),
    plant("definer-function", definer("{a}.f"), "function {a}.f()"),
    plant("definer-function",
          SUPPORT + "CREATE AGGREGATE public.leak(text) (sfunc = public.f, stype = text); ALTER AGGREGATE public.leak(text) OWNER TO owner",
          "function public.f(text,text)"),
    plant("definer-function",
          SUPPORT.replace("RETURNS text", "RETURNS int").replace("string_agg(session_key, ',')", "count(*)::int")
          + "CREATE OPERATOR CLASS public.c FOR TYPE text USING btree AS FUNCTION 1 public.f(text, text)",
          "function public.f(text,text)"),
    plant("definer-function",
          "CREATE OR REPLACE FUNCTION public.tenants_hold_lock(name text) RETURNS void LANGUAGE sql SECURITY DEFINER"
          " SET search_path = pg_catalog, pg_temp AS $$SELECT set_config('role', name, true)$$",
          "function public.tenants_hold_lock(text)", "exception-unused"),
    plant("definer-search-path",
          definer("public.f", path="") + "REVOKE ALL ON FUNCTION public.f() FROM PUBLIC",
          "function public.f()"),
    plant("definer-search-path",
          definer("public.f", path="pg_temp, public") + "REVOKE ALL ON FUNCTION public.f() FROM PUBLIC",
          "function public.f()"),
    plant("definer-trigger",
          definer("public.f", returns="trigger", body="BEGIN RETURN NULL; END")
          + "CREATE TRIGGER t AFTER INSERT ON billing_usageevent EXECUTE FUNCTION public.f()",
          "trigger t on public.billing_usageevent"),
    plant("function-names-schema",
          "CREATE FUNCTION {a}.f() RETURNS bigint LANGUAGE sql AS $$SELECT count(*) FROM {b}.commerce_variant$$; ALTER FUNCTION {a}.f() OWNER TO owner",
          "function {a}.f()"),
    plant("function-names-schema",
          "CREATE FUNCTION {a}.f() RETURNS int LANGUAGE sql SET search_path = {a}, pg_temp AS $$SELECT 1$$; ALTER FUNCTION {a}.f() OWNER TO owner",
          "function {a}.f()"),
    plant("leakproof-function",
          "CREATE FUNCTION public.f(text) RETURNS bool LANGUAGE sql LEAKPROOF RETURN true;"
          "ALTER FUNCTION public.f(text) OWNER TO owner",
          "function public.f(text)"),
    plant("rewrite-rule",
          "CREATE RULE r AS ON INSERT TO billing_usageevent DO ALSO DELETE FROM billing_usagehour",
          "rule r on public.billing_usageevent"),
    plant("system-object-added",
          "CREATE VIEW information_schema.v AS SELECT * FROM public.tenants_session; GRANT SELECT ON information_schema.v TO PUBLIC",
          "view information_schema.v"),
    plant("system-object-added",
          "CREATE FUNCTION pg_catalog.f() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$SELECT string_agg(session_key, '') FROM public.tenants_session$$",
          "function pg_catalog.f()"),
    plant("cast-of-system-types",
          "CREATE FUNCTION public.f(text) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN '00000000-0000-0000-0000-000000000000'::uuid;"
          "ALTER FUNCTION public.f(text) OWNER TO owner; CREATE CAST (text AS uuid) WITH FUNCTION public.f(text)",
          "cast (text AS uuid)"),
    plant("large-object", "SELECT lo_create(4711)", "large object 4711"),
    plant("table-unlogged", "ALTER TABLE {a}.commerce_variant SET UNLOGGED", "table {a}.commerce_variant"),
    plant("table-inherits",
          "CREATE TABLE {a}.child (PRIMARY KEY (id)) INHERITS ({a}.commerce_variant); ALTER TABLE {a}.child OWNER TO owner",
          "table {a}.child"),
    plant("extension-in-tenant-schema", "CREATE EXTENSION pg_trgm SCHEMA {a}", "extension pg_trgm"),
    plant("extension-unreviewed", "CREATE EXTENSION amcheck SCHEMA pg_catalog", "extension amcheck"),
    plant("event-trigger",
          "CREATE FUNCTION public.f() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$; ALTER FUNCTION public.f() OWNER TO owner;"
          "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION public.f()",
          "event trigger e"),
    plant("publication-of-all-tables",
          "SET LOCAL client_min_messages = error; CREATE PUBLICATION p FOR ALL TABLES",
          "publication p"),
]  # fmt: skip
FROM_16 = [
    plant("membership-inherited", "GRANT {a} TO app WITH INHERIT TRUE", "membership of app in {a}"),
]  # fmt: skip

-- What a login may do that none of ours may.

-- of_session --
-- One row: what lets it skip policies, and what lets it reach other contexts than its own. NULL: nothing.
-- Who is a member is asked from the few privileged roles down, since `app` is a member of every tenant's.
WITH RECURSIVE login AS (
    SELECT * FROM pg_catalog.pg_roles WHERE rolname = session_user
), privileged (oid, rolname) AS (
    SELECT r.oid, r.rolname FROM pg_catalog.pg_roles r WHERE r.rolname IN ('owner', 'console', 'backup')
    UNION
    SELECT m.member, p.rolname FROM privileged p JOIN pg_catalog.pg_auth_members m ON m.roleid = p.oid
)
SELECT
    nullif(concat_ws(', ',
        CASE WHEN rolsuper THEN 'is a superuser' END,
        CASE WHEN rolbypassrls THEN 'has BYPASSRLS' END,
        CASE WHEN rolreplication THEN 'has REPLICATION' END), ''),
    nullif(concat_ws(', ',
        (SELECT 'can act as ' || string_agg(DISTINCT p.rolname, ', ') FROM privileged p WHERE p.oid = login.oid),
        CASE WHEN EXISTS (
            SELECT FROM pg_catalog.pg_shdepend d
            WHERE d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND d.refobjid = login.oid AND d.deptype = 'o'
        ) THEN 'owns objects' END,
        CASE WHEN rolcreaterole THEN 'has CREATEROLE' END), '')
FROM login

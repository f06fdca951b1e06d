"""What PostgreSQL's own catalogs, statistics and views tell a tenant of the others."""

from tests.bench import doors
from tests.bench.harness import OURS, Passes, Run, attack

VIEWS = [
    "pg_stats", "pg_stats_ext", "pg_stats_ext_exprs", "pg_stat_activity", "pg_stat_statements", "pg_prepared_statements",
    "pg_prepared_xacts", "pg_cursors", "pg_settings", "pg_locks", "pg_roles", "pg_policies", "pg_views", "pg_matviews", "pg_rules",
    "pg_indexes", "pg_sequences", "pg_tables", "pg_user", "pg_group", "pg_shmem_allocations", "pg_backend_memory_contexts",
    "pg_stat_user_tables", "pg_statio_user_tables", "pg_stat_user_indexes", "pg_stat_database", "pg_stat_replication",
    "pg_stat_ssl", "pg_stat_progress_copy", "pg_stat_progress_create_index", "pg_stat_user_functions", "pg_config",
    "pg_replication_slots", "pg_publication_tables", "pg_seclabels", "pg_timezone_names", "pg_available_extensions",
    "pg_class", "pg_namespace", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_proc", "pg_description", "pg_shdescription",
    "pg_db_role_setting", "pg_auth_members", "pg_database", "pg_type", "pg_depend", "pg_shdepend", "pg_index", "pg_trigger",
    "pg_event_trigger", "pg_default_acl", "pg_init_privs", "pg_largeobject_metadata", "pg_statistic_ext", "pg_rewrite",
    "information_schema.columns", "information_schema.tables", "information_schema.check_constraints", "information_schema.routines",
    "information_schema.views", "information_schema.role_table_grants", "information_schema.sequences", "public.django_migrations",
]  # fmt: skip
FUNCTIONS = [
    "current_query()", "pg_get_backend_memory_contexts()", "pg_stat_get_activity(NULL)", "pg_stat_get_backend_activity(1)",
    "pg_stat_get_backend_activity(generate_series(1, 50))", "lastval()", "currval('django_migrations_id_seq')",
    "pg_lock_status()", "pg_prepared_statement()", "pg_cursor()", "pg_show_all_settings()", "pg_stat_statements(true)",
    "pg_stat_get_db_conflict_all(1)", "pg_blocking_pids(1)", "pg_get_viewdef('pg_views'::regclass)", "txid_current_snapshot()",
    "pg_listening_channels()", "pg_notification_queue_usage()", "pg_ls_waldir()", "pg_ls_logdir()", "pg_ls_tmpdir()",
    "pg_ls_archive_statusdir()", "pg_control_checkpoint()", "pg_log_backend_memory_contexts(1)", "pg_show_replication_origin_status()",
    "pg_get_object_address('table', '{public,tenants_user}', '{}')", "inet_client_addr()", "version()",
]  # fmt: skip
TEXTS = [
    *(f"SELECT t::text FROM {view} t" for view in VIEWS),
    *(f"SELECT {call}::text" for call in FUNCTIONS),
]


@attack(
    "catalogs and statistics", tries=len(TEXTS) * 4, quick=len(TEXTS), sides=(OURS,), passes=Passes.EITHER
)
def read_catalogs(run: Run) -> None:
    """The statistics are fresh, and other tenants have just run statements with their canaries inside."""
    with run.administrator() as admin:
        admin.execute("ANALYZE")
    for n in range(run.tries):
        tenant, other = run.pair()
        with run.tally.attempt(tenant) as found:
            with run.enter(other):
                doors.execute(f"SELECT name FROM commerce_product WHERE slug <> '{other.canary}'")
            with found.hostile(TEXTS[n % len(TEXTS)]), run.enter(tenant):
                found.saw(doors.execute(TEXTS[n % len(TEXTS)]), TEXTS[n % len(TEXTS)])
            run.look(found, tenant)


@attack("details of errors", tries=300, quick=8, sides=(OURS,), passes=Passes.REFUSED)
def read_details(run: Run) -> None:
    """Constraints that another tenant's row would break tell of the attacker's own values at most."""
    for n in range(run.tries):
        attacker, victim = run.pair()
        text = DETAILS[n % len(DETAILS)].format(
            other=victim.schema, id=victim.id, product=victim.facts["products"][0]
        )
        with run.tally.attempt(attacker) as found:
            with found.hostile(text), run.enter(attacker):
                found.saw(doors.execute(text), text)
            run.look(found, attacker)


DETAILS = [
    "INSERT INTO commerce_variant VALUES (gen_random_uuid(), '{product}', 'x', 'x', 0, 0, 0)",
    "SELECT '{other}.commerce_product'::regclass::oid, 1/0",
    "SELECT has_table_privilege('{other}.commerce_product', 'SELECT'), 1/0",
    "INSERT INTO billing_usageevent SELECT * FROM {other}.billing_usageevent",
    "INSERT INTO billing_usageevent (id, tenant_id, meter, event_id, quantity, properties, recorded_at)"
    " VALUES (gen_random_uuid(), '{id}', 'x', 'x', 1, '{{}}', now())",
    "INSERT INTO tenants_auditentry SELECT * FROM tenants_auditentry",
    "UPDATE tenants_tenant SET slug = 'x' WHERE id = '{id}'",
    "SELECT name::int FROM {other}.commerce_product",
]

-- Read once per request of a caller: what Django would compile, which took longer than the rest of the request.
-- `added` is computed ahead (`refresh`): to join roles and groups here would double the time, nearly all of it planning.

-- by_user --
SELECT m.id, m.role, NULL::uuid, NULL::text[], NULL::uuid, m.added, t.epoch,
    p.mfa_required_since IS NOT NULL, p.session_minutes, p.networks,
    i.id, CASE WHEN i.enforced_since IS NOT NULL THEN ARRAY(
        SELECT d.domain FROM public.tenants_emaildomain d
        WHERE d.tenant_id = m.tenant_id AND d.verified_at IS NOT NULL AND d.lost_at IS NULL
    ) END,
    u.id, u.email, u.name, u.created_at, u.deactivated_at, u.session_epoch
FROM public.tenants_membership m
JOIN public.tenants_user u ON u.id = m.user_id
JOIN public.tenants_tenant t ON t.id = m.tenant_id
LEFT JOIN public.tenants_securitypolicy p ON p.tenant_id = m.tenant_id
LEFT JOIN public.tenants_identityprovider i ON i.tenant_id = m.tenant_id
WHERE m.tenant_id = %(tenant_id)s AND m.user_id = %(user_id)s
    AND m.ended_at IS NULL AND u.deactivated_at IS NULL
    AND t.suspended_at IS NULL AND t.archived_at IS NULL AND t.destroyed_at IS NULL

-- by_key --
SELECT CASE
        WHEN k.revoked_at IS NOT NULL THEN 'revoked'
        WHEN k.expires_at <= %(now)s THEN 'expired'
        WHEN u.id IS NULL AND s.id IS NULL THEN 'its holder is gone'
        WHEN t.suspended_at IS NOT NULL OR t.archived_at IS NOT NULL OR t.destroyed_at IS NOT NULL
            THEN 'its tenant is closed'
    END, k.prefix,
    coalesce(m.id, s.id), coalesce(m.role, s.role), k.id, k.scopes, s.id, m.added, t.epoch,
    p.mfa_required_since IS NOT NULL, p.session_minutes, p.networks,
    NULL::uuid, NULL::varchar[],
    coalesce(u.id, s.id), coalesce(u.email, ''), coalesce(u.name, s.name),
    coalesce(u.created_at, s.created_at), u.deactivated_at, coalesce(u.session_epoch, '')
FROM public.tenants_apikey k
JOIN public.tenants_tenant t ON t.id = k.tenant_id
LEFT JOIN public.tenants_securitypolicy p ON p.tenant_id = k.tenant_id
LEFT JOIN public.tenants_membership m
    ON m.tenant_id = k.tenant_id AND m.id = k.membership_id AND m.ended_at IS NULL
LEFT JOIN public.tenants_user u ON u.id = m.user_id AND u.deactivated_at IS NULL
LEFT JOIN public.tenants_serviceaccount s
    ON s.tenant_id = k.tenant_id AND s.id = k.service_account_id AND s.ended_at IS NULL
WHERE k.tenant_id = %(tenant_id)s AND k.id = %(key_id)s

-- by_subject --
SELECT coalesce(m.id, s.id), coalesce(m.role, s.role), k.id, k.scopes, s.id, m.added, t.epoch,
    p.mfa_required_since IS NOT NULL, p.session_minutes, p.networks,
    NULL::uuid, NULL::varchar[],
    coalesce(u.id, s.id), coalesce(u.email, ''), coalesce(u.name, s.name),
    coalesce(u.created_at, s.created_at), u.deactivated_at, coalesce(u.session_epoch, '')
FROM public.tenants_tenant t
LEFT JOIN public.tenants_securitypolicy p ON p.tenant_id = t.id
LEFT JOIN public.tenants_membership m
    ON m.tenant_id = t.id AND m.id = %(subject)s AND m.ended_at IS NULL
LEFT JOIN public.tenants_user u ON u.id = m.user_id AND u.deactivated_at IS NULL
LEFT JOIN public.tenants_serviceaccount s
    ON s.tenant_id = t.id AND s.id = %(subject)s AND s.ended_at IS NULL
LEFT JOIN public.tenants_apikey k
    ON k.tenant_id = t.id AND k.id = %(key_id)s::uuid
    AND coalesce(k.membership_id, k.service_account_id) = %(subject)s
    AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > %(now)s)
WHERE t.id = %(tenant_id)s AND (u.id IS NOT NULL OR s.id IS NOT NULL)
    AND (%(key_id)s::uuid IS NULL OR k.id IS NOT NULL)
    AND t.suspended_at IS NULL AND t.archived_at IS NULL AND t.destroyed_at IS NULL

-- refresh --
UPDATE public.tenants_membership m SET added = n.added
FROM (
    SELECT l.id, ARRAY(
        SELECT unnest(r.permissions) FROM public.tenants_customrole r
        WHERE r.tenant_id = l.tenant_id AND r.id = l.custom_role_id
        UNION
        SELECT unnest(r.permissions || ('role:' || g.role)::varchar)
        FROM public.tenants_groupmembership gm
        JOIN public.tenants_group g ON g.tenant_id = gm.tenant_id AND g.id = gm.group_id
        LEFT JOIN public.tenants_customrole r ON r.tenant_id = g.tenant_id AND r.id = g.custom_role_id
        WHERE gm.tenant_id = l.tenant_id AND gm.membership_id = l.id
        ORDER BY 1
    ) AS added
    FROM public.tenants_membership l
    WHERE l.tenant_id = %(tenant_id)s AND l.ended_at IS NULL
) n
WHERE m.tenant_id = %(tenant_id)s AND m.id = n.id AND m.added IS DISTINCT FROM n.added

-- note_uses --
-- Whoever holds a row's lock keeps nobody waiting: that use is not noted then, and the next one is.
WITH used AS (
    SELECT * FROM unnest(%(tenants)s::uuid[], %(keys)s::uuid[], %(times)s::timestamptz[]) AS used (tenant_id, id, at)
), due AS (
    SELECT k.id, used.at FROM public.tenants_apikey k
    JOIN used ON used.tenant_id = k.tenant_id AND used.id = k.id
    WHERE k.last_used_at IS NULL OR k.last_used_at <= used.at - interval '1 minute'
    FOR NO KEY UPDATE OF k SKIP LOCKED
)
UPDATE public.tenants_apikey k SET last_used_at = due.at FROM due WHERE k.id = due.id

-- Read once per request of a caller: what Django would compile, which took longer than the rest of the request.
-- `added` is computed ahead (`refresh`): to join roles and groups here would double the time, nearly all of it planning.

-- by_user --
SELECT m.id, m.role, NULL::uuid, t.epoch, u.id, u.email, u.name, u.created_at, u.deactivated_at, u.session_epoch, m.added
FROM public.tenants_membership m
JOIN public.tenants_user u ON u.id = m.user_id
JOIN public.tenants_tenant t ON t.id = m.tenant_id
WHERE m.tenant_id = %(tenant_id)s AND m.user_id = %(user_id)s
    AND m.ended_at IS NULL AND u.deactivated_at IS NULL
    AND t.suspended_at IS NULL AND t.archived_at IS NULL AND t.destroyed_at IS NULL

-- by_key --
SELECT m.id, m.role, k.id, t.epoch, u.id, u.email, u.name, u.created_at, u.deactivated_at, u.session_epoch, m.added
FROM public.tenants_apikey k
JOIN public.tenants_membership m ON m.tenant_id = k.tenant_id AND m.id = k.membership_id
JOIN public.tenants_user u ON u.id = m.user_id
JOIN public.tenants_tenant t ON t.id = m.tenant_id
WHERE k.tenant_id = %(tenant_id)s AND k.id = %(key_id)s
    AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > %(now)s)
    AND m.ended_at IS NULL AND u.deactivated_at IS NULL
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

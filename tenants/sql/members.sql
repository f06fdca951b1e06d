-- Read once per request of a caller: what Django would compile, which took longer than the rest of the request.

-- by_user --
SELECT m.id, m.role, NULL::uuid, t.epoch,
    p.mfa_required_since IS NOT NULL, p.session_minutes, p.networks,
    u.id, u.email, u.name, u.created_at, u.deactivated_at, u.session_epoch
FROM public.tenants_membership m
JOIN public.tenants_user u ON u.id = m.user_id
JOIN public.tenants_tenant t ON t.id = m.tenant_id
LEFT JOIN public.tenants_securitypolicy p ON p.tenant_id = m.tenant_id
WHERE m.tenant_id = %(tenant_id)s AND m.user_id = %(user_id)s
    AND m.ended_at IS NULL AND u.deactivated_at IS NULL
    AND t.suspended_at IS NULL AND t.archived_at IS NULL AND t.destroyed_at IS NULL

-- by_key --
SELECT m.id, m.role, k.id, t.epoch,
    p.mfa_required_since IS NOT NULL, p.session_minutes, p.networks,
    u.id, u.email, u.name, u.created_at, u.deactivated_at, u.session_epoch
FROM public.tenants_apikey k
JOIN public.tenants_membership m ON m.tenant_id = k.tenant_id AND m.id = k.membership_id
JOIN public.tenants_user u ON u.id = m.user_id
JOIN public.tenants_tenant t ON t.id = m.tenant_id
LEFT JOIN public.tenants_securitypolicy p ON p.tenant_id = m.tenant_id
WHERE k.tenant_id = %(tenant_id)s AND k.id = %(key_id)s
    AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > %(now)s)
    AND m.ended_at IS NULL AND u.deactivated_at IS NULL
    AND t.suspended_at IS NULL AND t.archived_at IS NULL AND t.destroyed_at IS NULL

"""The API of a tenant's host: its routers under /api/v1/, its document and its docs page."""

from ninja import NinjaAPI
from ninja.openapi.docs import Swagger

from saas.api import (
    audit,
    errors,
    groups,
    impersonations,
    invitations,
    join,
    keys,
    mail,
    me,
    members,
    policy,
    products,
    roles,
    security,
    service_accounts,
    session,
    sessions,
    sso,
    tokens,
    usage,
)

api = NinjaAPI(
    title="Leasehold",
    version="1.0.0",
    description="The API of one tenant, on its own host.",
    auth=security.AUTH,
    docs=Swagger(),
    docs_url="/docs",
    urls_namespace="api-1",
)
errors.install(api)
api.add_router("/audit", audit.router)
api.add_router("/me", me.router)
api.add_router("/session", session.router)
api.add_router("/sso", sso.router)
api.add_router("/keys", keys.router)
api.add_router("/members", members.router)
api.add_router("/roles", roles.router)
api.add_router("/groups", groups.router)
api.add_router("/invitations", invitations.router)
api.add_router("/join", join.router)
api.add_router("/service-accounts", service_accounts.router)
api.add_router("/tokens", tokens.router)
api.add_router("/impersonations", impersonations.router)
api.add_router("/products", products.router)
api.add_router("/usage", usage.router)
api.add_router("/sessions", sessions.router)
api.add_router("/security", policy.router)
api.add_router("/mail", mail.router)

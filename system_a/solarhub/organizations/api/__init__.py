"""Organizations, who belongs to them, and what they allow, over HTTP."""

from solarhub.organizations.api import (
    api_keys,
    audit,
    invitations,
    life,
    logo,
    members,
    messages,
    organizations,
    places,
    setting_up,
    webhooks,
)

routers = [
    setting_up.router,
    invitations.public,
    places.router,
    organizations.router,
    life.router,
    logo.router,
    members.router,
    invitations.router,
    api_keys.router,
    webhooks.router,
    audit.router,
    messages.router,
]

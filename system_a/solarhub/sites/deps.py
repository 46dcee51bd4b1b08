"""The site of the path, in the organization of the path."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from solarhub.organizations.deps import TenantReading, TenantWriting
from solarhub.sites import registry
from solarhub.sites.models import Site


async def _site_to_read(site_id: UUID, session: TenantReading) -> Site:
    return await registry.find(session, site_id)


async def _site_to_change(site_id: UUID, session: TenantWriting) -> Site:
    return await registry.find_to_change(session, site_id)


SiteToRead = Annotated[Site, Depends(_site_to_read, scope="function")]
SiteToChange = Annotated[Site, Depends(_site_to_change, scope="function")]

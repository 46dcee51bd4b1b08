"""Plants, who sees them, and how they change hands, over HTTP."""

from solarhub.sites.api import grants, handovers, sites

routers = [sites.router, grants.router, handovers.router, sites.discos]

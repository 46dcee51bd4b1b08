"""Plants, who sees them, and how they change hands, over HTTP."""

from solarhub.sites.api import sites

routers = [sites.router, sites.discos]

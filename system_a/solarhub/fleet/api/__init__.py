"""The fleet over HTTP."""

from solarhub.fleet.api import overview, views

routers = [overview.here, overview.everywhere, views.router]

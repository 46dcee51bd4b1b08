"""Pages over HTTP: `routers` are mounted at the root, outside the API and its description."""

from solarhub.pages.api import trust

routers = (trust.router,)

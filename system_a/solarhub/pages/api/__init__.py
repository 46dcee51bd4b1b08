"""Pages over HTTP, mounted at the root, outside the API and its description.

`routers` answer in whatever state the hub is; `of_plants_and_people` need it to work.
"""

from solarhub.pages.api import overview, people, trust

routers = (trust.router,)
of_plants_and_people = (overview.router, people.router)

"""Which plants the overview shows: pure."""

from solarhub.fleet.vocabulary import View


def view_of(asked: str | None, own: str) -> View:
    """The one that was asked for, else the person's own first one; all plants where this page has no such view."""
    code = own if asked is None else asked
    return View(code) if code in {each.value for each in View} else View.OVERVIEW

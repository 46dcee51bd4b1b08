"""The table of `roles.py` as a document: pure."""

from collections.abc import Iterator

from solarhub.organizations.roles import GUEST_PERMISSIONS, MEANINGS, PERMISSIONS, Permission, of_guest
from solarhub.organizations.vocabulary import OrgMemberRole

_GUESTS = tuple(role for role in OrgMemberRole if role not in (OrgMemberRole.OWNER, OrgMemberRole.ADMIN))

_HEAD = """\
# Who may do what

Made from `solarhub/organizations/roles.py`, which is what the hub decides by.
`solarhub permissions > docs/permissions.md` writes this page anew, and a test compares the two.

Inside an organization a person has one of five roles. Whoever runs the hub (`super_admin`) stands in every organization
as an owner does. An API key may do what it names and what its maker may do at that moment, whichever is less. Owners
alone make, change and remove owners, and the last one stays.

"""

_GUEST_HEAD = """
## At one plant

A grant lets a person, or everybody of another organization, see one plant, in one of three roles and until a date. It
never reaches further than this; of a company that was lent a plant, each member has in addition no more than their own
role allows.

"""

_FIELDS = """
## Field by field

- `connection_config` of a device is shown to those with `devices:connection`, and null to everybody else. Passwords and
  tokens inside it are written and never shown, to nobody.
- Of somebody who was invited and has not joined, only what the inviter typed is shown.
- Tokens of devices, API keys, webhooks and invitations are shown once, when they are made.
"""


def permission_table() -> str:
    """Markdown: what each right means, and which role has it."""
    return _HEAD + "\n".join(_rows()) + "\n" + _GUEST_HEAD + "\n".join(_guest_rows()) + "\n" + _FIELDS


def _rows() -> Iterator[str]:
    yield from _heading(["Right", "What it lets one do", *(role.value for role in OrgMemberRole)])
    for permission in Permission:
        yield _line(
            [
                f"`{permission.value}`",
                MEANINGS[permission],
                *("yes" if permission in PERMISSIONS[role] else "" for role in OrgMemberRole),
            ]
        )


def _guest_rows() -> Iterator[str]:
    yield from _heading(["Right", *(role.value for role in _GUESTS)])
    for permission in Permission:
        if permission in GUEST_PERMISSIONS:
            yield _line([f"`{permission.value}`", *("yes" if permission in of_guest(role) else "" for role in _GUESTS)])


def _heading(cells: list[str]) -> Iterator[str]:
    yield _line(cells)
    yield _line(["---"] * len(cells))


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"

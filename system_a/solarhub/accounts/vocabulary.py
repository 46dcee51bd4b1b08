"""The words of accounts that the database also knows."""

from enum import StrEnum


class UserRole(StrEnum):
    """`user_role`. Only `super_admin` grants anything; the others are the default offered when a person is invited."""

    SUPER_ADMIN = "super_admin"
    OWNER = "owner"
    ADMIN = "admin"
    MANAGER = "manager"
    VIEWER = "viewer"
    INSTALLER = "installer"


class Language(StrEnum):
    """The languages that the hub speaks."""

    ENGLISH = "en"
    URDU = "ur"

"""Fixtures of the operator's commands."""

from tests.cli.operating import operator, organization

__all__ = ["operator", "organization"]

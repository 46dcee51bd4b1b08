"""HTTP as the hub speaks it: sessions, problem documents, preconditions, and what surrounds every request."""

from solarhub.kit.http.middleware import BodyLimit, Envelope, SameSite
from solarhub.kit.http.operator import local_operator
from solarhub.kit.http.preconditions import Expected, IfMatch, parse_if_match, tag
from solarhub.kit.http.problems import PROBLEM_SCHEMA, ProblemResponse, describe, install
from solarhub.kit.http.sessions import AuthSession, ReadingSession, WritingSession, databases

__all__ = [
    "PROBLEM_SCHEMA",
    "AuthSession",
    "BodyLimit",
    "Envelope",
    "Expected",
    "IfMatch",
    "ProblemResponse",
    "ReadingSession",
    "SameSite",
    "WritingSession",
    "databases",
    "describe",
    "install",
    "local_operator",
    "parse_if_match",
    "tag",
]

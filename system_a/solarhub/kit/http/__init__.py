"""HTTP as the hub speaks it: sessions, problem documents, preconditions, and what surrounds every request."""

from solarhub.kit.http.hub import Keys, PublicUrl, bearer_token, client_address
from solarhub.kit.http.middleware import BodyLimit, Envelope, OpenPaths, SameSite
from solarhub.kit.http.preconditions import Expected, IfMatch, parse_if_match, tag
from solarhub.kit.http.problems import PROBLEM_SCHEMA, ProblemResponse, describe, install
from solarhub.kit.http.rates import Rate, Rates
from solarhub.kit.http.routing import HubRoute, Router
from solarhub.kit.http.sessions import AuthSession, AuthWriting, ReadingSession, WritingSession, databases

__all__ = [
    "PROBLEM_SCHEMA",
    "AuthSession",
    "AuthWriting",
    "BodyLimit",
    "Envelope",
    "Expected",
    "HubRoute",
    "IfMatch",
    "Keys",
    "OpenPaths",
    "ProblemResponse",
    "PublicUrl",
    "Rate",
    "Rates",
    "ReadingSession",
    "Router",
    "SameSite",
    "WritingSession",
    "bearer_token",
    "client_address",
    "databases",
    "describe",
    "install",
    "parse_if_match",
    "tag",
]

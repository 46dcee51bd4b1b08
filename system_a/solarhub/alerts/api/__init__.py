"""Alert rules and alerts over HTTP."""

from solarhub.alerts.api import alerts, calls, rules, triage

routers = [rules.router, alerts.router, triage.router]
webhooks = calls.router
"""What is sent and not taken: for the description alone."""

"""Alert rules and alerts over HTTP."""

from solarhub.alerts.api import alerts, rules, triage

routers = [rules.router, alerts.router, triage.router]

"""Devices, their tokens and claims on their serial numbers over HTTP."""

from solarhub.devices.api import claims, devices, imports, tokens, verbs

routers = [devices.router, verbs.router, tokens.router, claims.router, claims.requests, imports.router]

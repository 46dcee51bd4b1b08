"""Exports of portals, described in files: a new portal changes no code. Their rows are brought along as the past."""

"""Accounts over HTTP: getting in, oneself, and, for those who run the hub, everybody."""

from solarhub.accounts.api import email_address, mailbox, me, password, second_factor, sessions, users

routers = [
    sessions.router,
    me.router,
    password.router,
    email_address.router,
    second_factor.router,
    users.router,
    mailbox.router,
]

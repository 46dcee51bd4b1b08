"""`python -m solarhub` is `solarhub`."""

from solarhub.cli.main import app

app(prog_name="solarhub")

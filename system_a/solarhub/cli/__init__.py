"""What a person types. One short file per command family; each holds a typer `app` and imports late what it needs."""

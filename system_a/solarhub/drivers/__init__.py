"""Speak to hardware and to brokers; know no tables."""

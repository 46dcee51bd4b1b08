"""Solar Hub: watches fleets of solar plants. Devices report; the hub stores, judges, and tells the right person."""

__version__ = "0.1.0"

"""The standard metrics, which every organization has, a module for each kind of thing that is measured."""

from solarhub.metrics.standard import condition, consumption, generation, operation, storage, surroundings

METRICS = (
    *generation.METRICS,
    *condition.METRICS,
    *consumption.METRICS,
    *storage.METRICS,
    *surroundings.METRICS,
    *operation.METRICS,
)
"""In the order in which people are shown them."""

"""Read models of many plants at once: the three views of the schema document and the overview."""

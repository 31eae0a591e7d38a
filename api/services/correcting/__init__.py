"""修正建議單: what an agency is asked to correct in the category of a dataset, and why."""

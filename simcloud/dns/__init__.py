"""Cloud DNS v1.0: changes are jobs."""

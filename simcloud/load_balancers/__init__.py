"""Cloud Load Balancers v1.0."""

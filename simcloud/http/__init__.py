"""The region over HTTP: what every call passes, and the routes of each service."""

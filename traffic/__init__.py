"""A group under live traffic: it grows, loses a server, is renewed, shrinks; what that costs."""

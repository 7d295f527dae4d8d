"""Identity v2.0: tokens and the service catalog."""

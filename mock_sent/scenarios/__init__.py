"""Scenarios: a user writes how sends are answered, how messages end, and how webhooks misbehave."""

"""Scenarios: how sends are answered, what becomes of messages, and how webhooks misbehave, as a user wrote it."""

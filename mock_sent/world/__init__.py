"""What an account has: messages and their lifecycle, templates, contacts, idempotency keys, fixtures."""

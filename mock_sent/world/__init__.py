"""The data of an account: messages and their lifecycle, templates, contacts, idempotency keys, fixtures."""

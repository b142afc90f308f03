"""Conformance: checks whether a server, the mock or the real one, behaves as the statements of docs/fidelity.md say.

There is a check for each statement. Statuses, codes, texts, limits and examples come from the contract (`Expected`), so
"differs" means that the server and the contract disagree. For the real API, the contract may be wrong.
"""

"""The providers' HTTP APIs, played by us: for development, demonstrations and tests.

A server of its own, over real HTTP, that knows no Django and nothing of the product: what it does
follows from the vendors' contracts alone. State and a ledger of what was ordered and billed are
kept for each key; faults can be switched on for each key.
"""

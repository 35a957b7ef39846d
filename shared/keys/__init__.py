"""Secrets: persons' tokens, key rings, signing keys, API keys."""

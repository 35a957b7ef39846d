"""What may be said: kinds, event types, rules, amendments, the envelope, sentences."""

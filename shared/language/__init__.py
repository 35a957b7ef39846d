"""The language of events: kinds, event types, rules, amendments, the envelope, sentences."""

"""From a log to the bus: broker, relay, worker."""

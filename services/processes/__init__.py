"""The processes of an installation, and how their parts are put together."""

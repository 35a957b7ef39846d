"""What every department and the family case build on. Nothing in here knows a department."""

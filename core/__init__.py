"""What every part stands on: settings, database, clock, logging, tasks, security. Knows no feature."""

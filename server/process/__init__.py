"""The processes of the service: listening, workers, signals, logs."""

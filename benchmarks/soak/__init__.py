"""What survives what: trainings that are killed, in real processes."""

"""What is run for long, by `make soak`: killed trainings, damaged files, odd input, workers."""

"""What training needs around the models: readers of annotated texts, batches, optimizers and their
schedules."""

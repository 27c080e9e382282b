"""How it is answered: batches, merges, pages."""

"""Random requests, valid and invalid, that are generated from the schema. Equal seeds give equal requests."""

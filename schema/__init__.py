"""What can be asked: the graph, declared. It fetches nothing and imports nothing of ours."""

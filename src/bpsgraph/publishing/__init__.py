"""What is published about the graph, whatever carries it: no HTTP in here."""

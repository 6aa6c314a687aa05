"""An open knowledge graph of China's basic public service standards."""

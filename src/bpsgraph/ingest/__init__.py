"""Reading what people submit."""

"""What a user may write, as pydantic models: one field per key, with its description and example."""

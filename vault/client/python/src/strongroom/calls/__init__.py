"""The calls, a file per resource."""

"""The rows of the community, by room. Django looks for them here."""

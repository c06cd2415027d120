"""Files that people hand in: taken in with suspicion, kept by the digest of their content."""

"""What can be asked: one file a family of types, and the registry of them all."""

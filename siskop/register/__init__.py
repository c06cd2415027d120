"""The register: records and their versions, and what of them is open to all."""

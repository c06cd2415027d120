"""What every room stands on: database, errors, words, logs, secrets, private servers."""

"""Long work in chunks: made, done by whoever comes, reported."""

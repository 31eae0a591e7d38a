"""Finding datasets by what they mean: lexemes for the index, what a query asks for, and the order of results."""

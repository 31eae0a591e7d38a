"""What is stored: datasets, their revisions, suggestions. Knows no HTTP and no NLP."""

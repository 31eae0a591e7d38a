"""Bad input, made by chance from a seed: values, bodies, and requests on the wire."""

"""The gigafactory's line items, one module a subject."""

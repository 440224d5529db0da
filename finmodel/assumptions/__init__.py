"""The book: every figure that a case runs on, with its unit, source, date, grade and range.

`load` reads a case into a `Book`, `bind` proves that the book and a model fit, `check` does both and lists every fault.
Nothing here draws a number or knows a line of the model.
"""

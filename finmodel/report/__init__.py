"""What a person is given: the workbook, tables, charts and files."""

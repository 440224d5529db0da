"""The pages of a workbook around its calculations, a file a page."""

"""Renderings of a plan: plain Python, machine code, a workbook, a trace. None knows what a GPU is."""

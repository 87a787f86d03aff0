"""Invoices and credit notes as people get them: pages, PDF files and e-invoices."""

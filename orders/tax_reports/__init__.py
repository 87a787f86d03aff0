"""What is owed to the state for a time: summed from invoices and credit notes, never recomputed."""

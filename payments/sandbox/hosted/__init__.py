"""The pages that a customer or developer sees."""

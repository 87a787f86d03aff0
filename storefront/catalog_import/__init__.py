"""Reading a merchant's catalogue from a CSV file: our own form and Shopify's."""

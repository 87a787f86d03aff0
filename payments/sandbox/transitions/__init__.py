"""What moves a payment from one state to the next, across intent, charge and session."""

"""The pages where a person sees the parcels and presses the buttons."""

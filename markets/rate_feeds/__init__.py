"""Exchange-rate feeds: each module fetches and reads one provider's sheet of a day."""

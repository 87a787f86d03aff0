"""Exchange-rate feeds: each adapter fetches and reads the sheets of one provider."""

"""The first pages: home, getting started, guides, terms."""

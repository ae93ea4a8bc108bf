"""The design system: tokens, components, the shell of every page. Knows nothing of what the pages are about."""

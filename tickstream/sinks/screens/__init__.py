"""The screens of the views: quotes, market, hours and profile, each a body within one page."""

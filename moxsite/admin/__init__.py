"""The admin: Django's, with our look. `site` is the site itself, `pages` says what each page of it shows."""

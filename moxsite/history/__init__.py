"""Earlier configurations: kept as the files that `config export` writes, compared, and made current again."""

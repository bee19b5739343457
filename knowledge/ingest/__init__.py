"""Documents into the database: readers of each format, metadata, the front matter's rules, the splitter, the store."""

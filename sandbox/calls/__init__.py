"""One file for each group of WeChat's calls; to add one, add a file with `register(api)`."""

"""What was answered and why, how followers rated it, and what they asked in vain."""

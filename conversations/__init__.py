"""Followers, what they wrote, how it was answered, and who takes over."""

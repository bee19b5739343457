"""The border to WeChat: pushes in (webhook, handlers), API calls out (client, quota)."""

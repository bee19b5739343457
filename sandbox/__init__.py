"""WeChat's side, for development: delivers pushes, serves the outgoing API, and a phone page to chat on.

Knows the project only through `core` and HTTP, so that it checks the gateway instead of agreeing with it.
"""

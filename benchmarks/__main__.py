"""`make bench`: retrieval, the gateway, understanding; the last trains its rival, DIET, for twenty minutes and more."""

from benchmarks import gateway, retrieval, understanding, webhook

retrieval.main()
webhook.main()
gateway.main([], standalone_mode=False)
understanding.main()

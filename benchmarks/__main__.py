"""`make bench`: retrieval, the gateway, understanding; the last trains its rival, DIET, for twenty minutes and more."""

from benchmarks import gateway, retrieval, scale, understanding, webhook

retrieval.main()
scale.main()
webhook.main()
gateway.main([], standalone_mode=False)
understanding.main()

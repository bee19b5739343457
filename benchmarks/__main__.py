"""`make bench`: understanding, retrieval, speed; each beside its rival in the same run."""

from benchmarks import retrieval, understanding, webhook

for measure in (retrieval, understanding, webhook):
    measure.main()

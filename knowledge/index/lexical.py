"""Matching by words: BM25 by tantivy over pairs of characters."""

from collections.abc import Iterable, Sequence

import tantivy

from knowledge.index.terms import bigrams

MOST = 500  # texts that a question is compared with, best first
HEAP = 50_000_000  # bytes tantivy may gather before it writes; its smallest useful figure is 15 MB a thread
_BLANK = "blank"  # our terms come with blanks between them


class Lexical:
    """Texts in memory, each under the number of the document it belongs to; changes show after `commit`."""

    def __init__(self) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("terms", stored=False, tokenizer_name=_BLANK, index_option="freq")
        builder.add_unsigned_field("document", stored=False, indexed=True, fast=True)
        self._schema = builder.build()
        self._index = tantivy.Index(self._schema)
        self._index.register_tokenizer(_BLANK, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
        self._writer = self._index.writer(heap_size=HEAP, num_threads=1)
        self._searcher = self._index.searcher()

    def put(self, document: int, texts: Iterable[str]) -> None:
        """Replace all texts of a document."""
        # By query: by term, tantivy finds no unsigned number.
        self._writer.delete_documents_by_query(tantivy.Query.term_query(self._schema, "document", document))
        for text in texts:
            entry = tantivy.Document()
            entry.add_text("terms", " ".join(bigrams(text)))
            entry.add_unsigned("document", document)
            self._writer.add_document(entry)

    def commit(self) -> None:
        """Let searches see what was put."""
        self._writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()

    def search(self, question: str) -> tuple[Sequence[int], Sequence[float]]:
        """(documents, BM25 scores) of the texts that share terms with the question, best first; a document may recur."""
        terms = dict.fromkeys(bigrams(question))
        should = [(tantivy.Occur.Should, tantivy.Query.term_query(self._schema, "terms", term)) for term in terms]
        if not should:
            return (), ()
        hits = self._searcher.search(tantivy.Query.boolean_query(should), limit=MOST, count=False).hits
        if not hits:
            return (), ()
        documents = self._searcher.fast_field_values("document", [address for _score, address in hits])
        return [int(document or 0) for document in documents], [score for score, _address in hits]

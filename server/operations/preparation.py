"""Documents of operations that start: each is parsed and validated once, and in turns if it is new."""

import asyncio
from functools import partial
from weakref import WeakValueDictionary

from execution.document import ParsedDocument
from execution.list_sizes import KnownSizes
from execution.schema import Schema
from execution.turns import Work

from .request import GraphQLRequest


class DocumentParser:
    """Parses the documents of one service.

    Between two turns the loop reads the requests that have arrived meanwhile: their deadlines count from then.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # of new documents, by text

    async def parse(self, text: str, request: GraphQLRequest, list_sizes: KnownSizes, work: Work) -> ParsedDocument:
        """Return the parsed document, when it is the turn of `work`. Raises GraphQLSyntaxError."""
        parse = partial(self._schema.parse, text, request.operation_name, request.variables, list_sizes)
        await work.start()
        if text in self._schema.documents:
            return parse()
        lock = self._locks.setdefault(text, asyncio.Lock())
        async with lock:  # equal operations that start meanwhile find the document
            document: ParsedDocument = await work.run(parse)
        return document

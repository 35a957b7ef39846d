"""The plain eventsourcing library on the same database: what we would have without a recorder of our own."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

PAGE = 1_000


class Submission:
    """An event as the library reads it."""

    originator_id: str
    originator_version: int


class Recorder(PostgresApplicationRecorder):
    """The library's recorder, without the driver's pipeline: messages this long hang in it on a local socket."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Insert events in one transaction, by the library's own statements."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_stored_events(cursor, stored_events, **kwargs)
            return self._fetch_ids_after_insert_events(cursor, stored_events, **kwargs)

    def replay(self) -> Iterator[Any]:
        """Yield every event in order, decoded."""
        mapper: Mapper[str] = Mapper(JSONTranscoder())
        last = 0
        while page := self.select_notifications(last + 1, PAGE):
            yield from map(mapper.to_domain_event, page)
            last = page[-1].id


def plain_library(url: str) -> Recorder:
    """Return the library's recorder with its defaults."""
    host = parse_qs(urlsplit(url).query)["host"][0]
    recorder = Recorder(PostgresDatastore("yihu", host, 5432, "yihu", "", originator_id_type="text", pool_size=2))
    recorder.create_table()
    return recorder

-- Raw events: the employee's own, on the employee's own machine, never synchronised. Times in microseconds since 1970, UTC.
CREATE TABLE buckets (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, name TEXT, type TEXT NOT NULL, client TEXT NOT NULL, hostname TEXT NOT NULL, data TEXT NOT NULL);
-- An id is never given twice: what was minimised is remembered by it. The data is encrypted (AES-256-GCM).
CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, bucket INTEGER NOT NULL, start INTEGER NOT NULL, duration INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX events_by_time ON events (bucket, start);
-- What ActivityWatch's own pages and notebooks keep.
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);

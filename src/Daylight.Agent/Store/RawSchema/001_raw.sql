-- Raw events: the employee's own, on the employee's own machine, never synchronised. Times in microseconds since 1970, UTC.
CREATE TABLE buckets (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, name TEXT, type TEXT NOT NULL, client TEXT NOT NULL, hostname TEXT NOT NULL, data TEXT NOT NULL);
-- An id is never given twice. The data is encrypted (AES-256-GCM).
CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, bucket INTEGER NOT NULL, start INTEGER NOT NULL, duration INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX events_by_time ON events (bucket, start);
-- What ActivityWatch's own pages and notebooks keep.
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);
-- Which file this is: another one, after its owner deleted it, knows less than was computed from the former.
CREATE TABLE identity (id TEXT NOT NULL);
INSERT INTO identity VALUES (lower(hex(randomblob(16))));
-- Quarters of an hour in which something changed since their day was computed; taken are those that are being computed. Every zone's midnight is a quarter's end.
CREATE TABLE changed (quarter INTEGER PRIMARY KEY, taken INTEGER NOT NULL DEFAULT 0);

-- Raw events: the employee's own, on the employee's own machine. Times in microseconds since 1970, UTC.
CREATE TABLE buckets (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, name TEXT, type TEXT NOT NULL, client TEXT NOT NULL, hostname TEXT NOT NULL, data TEXT NOT NULL);
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT, bucket INTEGER NOT NULL REFERENCES buckets (key) ON DELETE CASCADE, start INTEGER NOT NULL, duration INTEGER NOT NULL, data TEXT NOT NULL,
  minimized INTEGER);                     -- how much of it has been minimised; null is not at all
CREATE INDEX events_by_time ON events (bucket, start);
CREATE INDEX events_open ON events (id) WHERE minimized IS NULL OR minimized < duration;

-- Events that count for nothing in a program: it was paused, or the employee deleted what came of them.
CREATE TABLE dropped (event INTEGER NOT NULL, program TEXT NOT NULL, PRIMARY KEY (event, program));

-- Outbox: what will be sent, visible and deletable, then sealed.
CREATE TABLE pending (
  id INTEGER PRIMARY KEY, program TEXT NOT NULL, stream TEXT NOT NULL, day TEXT NOT NULL, start INTEGER NOT NULL, duration INTEGER NOT NULL,
  data TEXT NOT NULL,                     -- what reads the same is one item
  counts TEXT NOT NULL DEFAULT '{}',      -- and what is counted in it adds up
  UNIQUE (program, stream, start, data));
CREATE TABLE touched_days (day TEXT PRIMARY KEY);
CREATE TABLE day_values (program TEXT NOT NULL, day TEXT NOT NULL, measures TEXT NOT NULL, PRIMARY KEY (program, day));
CREATE TABLE sent_weeks (program TEXT NOT NULL, week TEXT NOT NULL, PRIMARY KEY (program, week));
CREATE TABLE sealed (id TEXT PRIMARY KEY, program TEXT NOT NULL, kind TEXT NOT NULL, stream TEXT NOT NULL, day TEXT NOT NULL, bytes BLOB NOT NULL);
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL);

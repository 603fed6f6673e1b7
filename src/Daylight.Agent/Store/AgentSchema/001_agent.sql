-- What leaves, and what is known. Times in microseconds since 1970, UTC; days are local.
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL);

-- Which charter a program collects under, from which day on. An empty hash collects nothing.
CREATE TABLE charters (program TEXT NOT NULL, since TEXT NOT NULL, hash TEXT NOT NULL, text TEXT NOT NULL, told INTEGER NOT NULL, changes TEXT NOT NULL, PRIMARY KEY (program, since));

-- Time that counts for nothing: pauses, and what was taken back. An empty program is every one; no end is until resumed.
CREATE TABLE withheld (
  id INTEGER PRIMARY KEY, program TEXT NOT NULL, start INTEGER NOT NULL, until INTEGER, why TEXT NOT NULL, -- person, company, deleted
  stream TEXT, data TEXT);

-- How much of each raw event has been minimised.
CREATE TABLE done (event INTEGER PRIMARY KEY, duration INTEGER NOT NULL);

-- What will be sent, visible and deletable.
CREATE TABLE pending (
  id INTEGER PRIMARY KEY, program TEXT NOT NULL, charter TEXT NOT NULL, stream TEXT NOT NULL, day TEXT NOT NULL, start INTEGER NOT NULL, duration INTEGER NOT NULL,
  data TEXT NOT NULL,                     -- what reads the same is one item
  counts TEXT NOT NULL DEFAULT '{}',      -- and what is counted in it adds up
  UNIQUE (program, charter, stream, start, data));
CREATE TABLE touched_days (day TEXT PRIMARY KEY);
CREATE TABLE day_values (program TEXT NOT NULL, day TEXT NOT NULL, charter TEXT NOT NULL, measures TEXT NOT NULL, PRIMARY KEY (program, day));

-- Sealed: sent as it is until it is acknowledged. What was sent of which day, with its size class, so that quiet days look like others.
CREATE TABLE sealed (id TEXT PRIMARY KEY, program TEXT NOT NULL, kind TEXT NOT NULL, stream TEXT NOT NULL, day TEXT NOT NULL, bytes BLOB NOT NULL);
CREATE TABLE sent_days (program TEXT NOT NULL, stream TEXT NOT NULL, day TEXT NOT NULL, class INTEGER NOT NULL, PRIMARY KEY (program, stream, day));
CREATE TABLE sent_weeks (program TEXT NOT NULL, week TEXT NOT NULL, PRIMARY KEY (program, week));

-- Why a program was paused, where its charter asks for that.
CREATE TABLE pause_reasons (id INTEGER PRIMARY KEY, program TEXT NOT NULL, day TEXT NOT NULL, minutes INTEGER, reason TEXT NOT NULL, sent INTEGER NOT NULL DEFAULT 0);

-- Timesheets, written by the person.
CREATE TABLE time_entries (id INTEGER PRIMARY KEY, day TEXT NOT NULL, project TEXT NOT NULL, minutes INTEGER NOT NULL, note TEXT NOT NULL, started INTEGER);
CREATE TABLE handed_in (program TEXT NOT NULL, day TEXT NOT NULL, submitted INTEGER NOT NULL, entries TEXT NOT NULL, PRIMARY KEY (program, day));

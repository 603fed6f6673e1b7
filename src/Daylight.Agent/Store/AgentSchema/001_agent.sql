-- What leaves, and what is known. Times in microseconds since 1970, UTC; days are local.
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL);

-- Which charter a program collects under, from which day on. An empty hash collects nothing.
CREATE TABLE charters (program TEXT NOT NULL, since TEXT NOT NULL, hash TEXT NOT NULL, text TEXT NOT NULL, told INTEGER NOT NULL, changes TEXT NOT NULL, lapsed TEXT NOT NULL DEFAULT '[]', PRIMARY KEY (program, since));

-- Time that counts for nothing: pauses, and what was taken back. An empty program is every one; no end is until resumed.
CREATE TABLE withheld (
  id INTEGER PRIMARY KEY, program TEXT NOT NULL, start INTEGER NOT NULL, until INTEGER, why TEXT NOT NULL, -- person, company, deleted
  stream TEXT, data TEXT);

-- What will be sent of days that are over, visible and deletable. What reads the same in one step is one item, and its id says so: it is the same however often it is computed.
CREATE TABLE pending (
  id TEXT PRIMARY KEY, program TEXT NOT NULL, charter TEXT NOT NULL, stream TEXT NOT NULL, day TEXT NOT NULL, start INTEGER NOT NULL, duration INTEGER NOT NULL, -- seconds
  data TEXT NOT NULL);
CREATE INDEX pending_by_day ON pending (day);
CREATE TABLE day_values (program TEXT NOT NULL, day TEXT NOT NULL, charter TEXT NOT NULL, measures TEXT NOT NULL, PRIMARY KEY (program, day));
-- Days to be computed again, besides those of which a raw event changed; and those of which the person deleted raw events, which are never computed again.
CREATE TABLE touched_days (day TEXT PRIMARY KEY);
CREATE TABLE forgotten_days (day TEXT PRIMARY KEY);

-- Sealed: sent as it is until it is acknowledged. What went in which parcel, so that a day that is computed again sends only what it did not.
CREATE TABLE sealed (id TEXT PRIMARY KEY, program TEXT NOT NULL, kind TEXT NOT NULL, stream TEXT NOT NULL, day TEXT NOT NULL, bytes BLOB NOT NULL);
CREATE TABLE sent_items (
  parcel TEXT NOT NULL, item TEXT NOT NULL, program TEXT NOT NULL, charter TEXT NOT NULL, stream TEXT NOT NULL, day TEXT NOT NULL, start INTEGER NOT NULL, duration INTEGER NOT NULL,
  counts TEXT NOT NULL, PRIMARY KEY (parcel, item));
CREATE INDEX sent_items_by_day ON sent_items (day);
-- How large each day was that was sealed, so that quiet days look like others; owed is a day whose parcel was taken back before it went.
CREATE TABLE sent_days (
  program TEXT NOT NULL, stream TEXT NOT NULL, day TEXT NOT NULL, class INTEGER NOT NULL, parts INTEGER NOT NULL, owed INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (program, stream, day));
CREATE TABLE sent_weeks (program TEXT NOT NULL, week TEXT NOT NULL, PRIMARY KEY (program, week));

-- Why a program was paused, where its charter asks for that.
CREATE TABLE pause_reasons (id INTEGER PRIMARY KEY, program TEXT NOT NULL, day TEXT NOT NULL, minutes INTEGER, reason TEXT NOT NULL, sent INTEGER NOT NULL DEFAULT 0);

-- Timesheets, written by the person.
CREATE TABLE time_entries (id INTEGER PRIMARY KEY, day TEXT NOT NULL, project TEXT NOT NULL, minutes INTEGER NOT NULL, note TEXT NOT NULL, started INTEGER);
CREATE TABLE handed_in (program TEXT NOT NULL, day TEXT NOT NULL, submitted INTEGER NOT NULL, entries TEXT NOT NULL, PRIMARY KEY (program, day));

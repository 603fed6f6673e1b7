-- Small facts: the latest time that it acted at, and a mark of its own that it does not remember.
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);

-- Seeds and keys of the keyholder itself; kek is the epoch of the key-encryption key that a row is wrapped under.
CREATE TABLE secrets (name TEXT PRIMARY KEY, kek INT NOT NULL, sealed BYTEA NOT NULL);

-- Its own copy of the log; authority marks the entries that the fold must see again after a start.
CREATE TABLE entries (idx BIGINT PRIMARY KEY, entry BYTEA NOT NULL, authority INT NOT NULL);
CREATE TABLE openings (idx BIGINT PRIMARY KEY, sealed BYTEA NOT NULL, expires_on TEXT NOT NULL);
CREATE INDEX openings_expire ON openings (expires_on);
CREATE TABLE checkpoints (size BIGINT PRIMARY KEY, root BYTEA NOT NULL);

-- One pair per (person, program) and epoch; born is the log's size when it was made, so that an erasure reaches what was there and nothing later.
CREATE TABLE keys (person_ref TEXT NOT NULL, program TEXT NOT NULL, epoch INT NOT NULL, born BIGINT NOT NULL, public_key BYTEA NOT NULL, kek INT NOT NULL, sealed BYTEA NOT NULL,
  PRIMARY KEY (person_ref, program, epoch));
CREATE INDEX keys_kek ON keys (kek);
CREATE TABLE destroyed (person_ref TEXT NOT NULL, program TEXT NOT NULL, idx BIGINT NOT NULL, epoch INT NOT NULL, keys INT NOT NULL, unreadable TEXT NOT NULL, PRIMARY KEY (person_ref, program, idx));
-- Keys that serve nothing but a legal hold: their erasure was ordered, and waits.
CREATE TABLE closed (person_ref TEXT NOT NULL, program TEXT NOT NULL, idx BIGINT NOT NULL, epoch INT NOT NULL, PRIMARY KEY (person_ref, program, idx));

-- What was opened: once each, in order, and for whom it counts.
CREATE TABLE used (what TEXT PRIMARY KEY, until BIGINT NOT NULL);
CREATE TABLE opened (seq BIGINT PRIMARY KEY, idx BIGINT NOT NULL, chain BYTEA NOT NULL);
CREATE TABLE counted (person_ref TEXT NOT NULL, what TEXT NOT NULL, tell TEXT NOT NULL, idx BIGINT NOT NULL, leaf BYTEA NOT NULL, until TEXT NOT NULL, PRIMARY KEY (person_ref, what, tell, idx));

-- Releases: a period's cells for good (empty where only the log knows that there were any), who counted where in the last period of each length, runs that an
-- older state may have counted, and what the noise of a year has cost each person at the most, in units of 1e-12 of zCDP.
CREATE TABLE releases (program TEXT NOT NULL, period TEXT NOT NULL, run BIGINT NOT NULL, cells TEXT NOT NULL, PRIMARY KEY (program, period));
CREATE TABLE release_memory (program TEXT NOT NULL, weeks INT NOT NULL, sealed BYTEA NOT NULL, PRIMARY KEY (program, weeks));
CREATE TABLE possible_runs (run BIGINT PRIMARY KEY);
CREATE TABLE noise_spent (program TEXT NOT NULL, year INT NOT NULL, measure TEXT NOT NULL, period TEXT NOT NULL, cost BIGINT NOT NULL, PRIMARY KEY (program, year, measure, period));

-- Its own starts, and pauses that came directly and are not in the log yet.
CREATE TABLE marks (id TEXT PRIMARY KEY);
CREATE TABLE pauses (program TEXT PRIMARY KEY, signed TEXT NOT NULL);

CREATE TABLE secrets (name TEXT PRIMARY KEY, sealed BYTEA NOT NULL);
CREATE TABLE entries (idx BIGINT PRIMARY KEY, entry BYTEA NOT NULL);
CREATE TABLE openings (idx BIGINT PRIMARY KEY, sealed BYTEA NOT NULL);
CREATE TABLE checkpoints (size BIGINT PRIMARY KEY, root BYTEA NOT NULL);
CREATE TABLE keys (person_ref TEXT NOT NULL, program TEXT NOT NULL, epoch INT NOT NULL, public_key BYTEA NOT NULL, sealed BYTEA NOT NULL,
  PRIMARY KEY (person_ref, program, epoch));
CREATE TABLE used (what TEXT PRIMARY KEY, until BIGINT NOT NULL);
CREATE TABLE releases (program TEXT NOT NULL, period TEXT NOT NULL, run BIGINT NOT NULL, cells TEXT NOT NULL, PRIMARY KEY (program, period));

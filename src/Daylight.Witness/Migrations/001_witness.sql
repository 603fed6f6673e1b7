-- vkey: the witness's own; listen: where it serves.
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE trusted_keys (vkey TEXT PRIMARY KEY, origin TEXT NOT NULL);
-- The one checkpoint of each log that was cosigned last. cosigned_at: seconds since 1970, as in the signature.
CREATE TABLE checkpoints (origin TEXT PRIMARY KEY, size BIGINT NOT NULL, root BYTEA NOT NULL, cosigned_at BIGINT NOT NULL, note TEXT NOT NULL);
-- What a log signed and did not follow from what was cosigned; with shows_fork, the two notes together prove that it showed two histories.
CREATE TABLE refusals (origin TEXT NOT NULL, size BIGINT NOT NULL, root BYTEA NOT NULL, shows_fork INT NOT NULL, refused_at BIGINT NOT NULL,
  why TEXT NOT NULL, note TEXT NOT NULL, known_note TEXT NOT NULL, PRIMARY KEY (origin, size, root, shows_fork));

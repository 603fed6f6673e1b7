CREATE TABLE settings (name TEXT PRIMARY KEY, sealed BYTEA NOT NULL);

-- The log. Only what is public stands here in clear.
CREATE TABLE log_entries (idx BIGINT PRIMARY KEY, entry BYTEA NOT NULL, authority INT NOT NULL);
CREATE INDEX log_authority ON log_entries (idx) WHERE authority = 1;
CREATE TABLE log_tiles (level INT NOT NULL, idx BIGINT NOT NULL, hashes BYTEA NOT NULL, PRIMARY KEY (level, idx));
CREATE TABLE log_checkpoint (one INT PRIMARY KEY CHECK (one IN (1, 2)), note TEXT NOT NULL); -- 1: the newest, 2: the newest that the witnesses cosigned

-- What opens the log's commitments, encrypted, erasable one by one; and whom each concerns, by keyed hash.
CREATE TABLE openings (idx BIGINT PRIMARY KEY, sealed BYTEA NOT NULL, expires_on TEXT NOT NULL);
CREATE TABLE concerns (subject_ref TEXT NOT NULL, idx BIGINT NOT NULL, party TEXT NOT NULL, tell TEXT NOT NULL, PRIMARY KEY (subject_ref, idx, party));
CREATE TABLE coalesced (what TEXT PRIMARY KEY, idx BIGINT NOT NULL, until BIGINT NOT NULL);

-- Directory: everything about a person is encrypted, and found by keyed hashes. What is wanted and not active yet waits to be settled, or for a privacy officer.
CREATE TABLE people (subject_ref TEXT PRIMARY KEY, active BYTEA, wanted BYTEA, version BIGINT NOT NULL, user_ref TEXT UNIQUE, external_ref TEXT, email_ref TEXT);
CREATE INDEX people_version ON people (version);
CREATE INDEX people_wanted ON people (version) WHERE wanted IS NOT NULL;
CREATE INDEX people_external ON people (external_ref);
CREATE INDEX people_email ON people (email_ref);
CREATE TABLE teams (id TEXT PRIMARY KEY, active TEXT, wanted TEXT, version BIGINT NOT NULL, external TEXT);
CREATE TABLE team_members (team TEXT NOT NULL, subject_ref TEXT NOT NULL, PRIMARY KEY (team, subject_ref));
CREATE INDEX team_members_of ON team_members (subject_ref);
CREATE TABLE directory_state (one INT PRIMARY KEY CHECK (one = 1), version BIGINT NOT NULL, held TEXT, window_start BIGINT NOT NULL, window_appear BIGINT NOT NULL);
INSERT INTO directory_state (one, version, held, window_start, window_appear) VALUES (1, 0, NULL, 0, 0);

-- What somebody is to be told, from a day on; and when whose rule was used last, by keyed hashes.
CREATE TABLE notices (id TEXT PRIMARY KEY, subject_ref TEXT NOT NULL, due TEXT NOT NULL, sealed BYTEA NOT NULL, seen INT NOT NULL, mailed INT NOT NULL, idx BIGINT NOT NULL);
CREATE INDEX notices_of ON notices (subject_ref, due);
CREATE INDEX notices_mail ON notices (due) WHERE mailed = 0;
CREATE TABLE grant_uses (viewer_ref TEXT NOT NULL, program TEXT NOT NULL, rule TEXT NOT NULL, last TEXT NOT NULL, PRIMARY KEY (viewer_ref, program, rule));

-- Sign-in: enrollment lines by code, tokens by hash, asks that wait for their read.
CREATE TABLE enrollment_lists (list BIGINT PRIMARY KEY, leaves BYTEA NOT NULL);
CREATE TABLE enrollment_lines (code TEXT PRIMARY KEY, list BIGINT NOT NULL, line_index INT NOT NULL, sealed BYTEA NOT NULL);
CREATE TABLE tokens (hash TEXT PRIMARY KEY, holder_ref TEXT NOT NULL, sealed BYTEA NOT NULL, until TEXT NOT NULL, last TEXT);
CREATE INDEX tokens_of ON tokens (holder_ref);
CREATE TABLE passkeys (id TEXT PRIMARY KEY, holder_ref TEXT NOT NULL, sealed BYTEA NOT NULL);
CREATE TABLE passkey_invitations (hash TEXT PRIMARY KEY, sealed BYTEA NOT NULL, expires BIGINT NOT NULL);
CREATE TABLE provider_accounts (id TEXT PRIMARY KEY, holder_ref TEXT NOT NULL UNIQUE, sealed BYTEA NOT NULL);
CREATE TABLE password_accounts (holder_ref TEXT PRIMARY KEY, version BIGINT NOT NULL, sealed BYTEA NOT NULL);
CREATE TABLE sign_in_attempts (id TEXT PRIMARY KEY, count BIGINT NOT NULL, until BIGINT NOT NULL);
CREATE INDEX passkeys_of ON passkeys (holder_ref);
CREATE TABLE asks (id TEXT PRIMARY KEY, sealed BYTEA NOT NULL, expires BIGINT NOT NULL, session TEXT NOT NULL, waits_for TEXT NOT NULL);
CREATE INDEX asks_of ON asks (waits_for);

-- Sealed chunks: no name, no device, no time of upload. A subject_ref is of one person and program, so that the program's name joins nothing.
CREATE TABLE chunks (
  subject_ref TEXT NOT NULL, expires_on TEXT NOT NULL, program TEXT NOT NULL, day TEXT NOT NULL, kind TEXT NOT NULL, stream TEXT NOT NULL, chunk_id TEXT NOT NULL, sealed BYTEA NOT NULL,
  PRIMARY KEY (subject_ref, day, kind, chunk_id, expires_on)) /* partitioned by expires_on */;
CREATE INDEX chunks_expire ON chunks (expires_on, program, kind, day);

-- What a legal hold keeps past its day, by the case; and how far a purge of a day has come, where it goes in steps.
CREATE TABLE held_chunks (
  case_id TEXT NOT NULL, subject_ref TEXT NOT NULL, program TEXT NOT NULL, day TEXT NOT NULL, kind TEXT NOT NULL, stream TEXT NOT NULL, chunk_id TEXT NOT NULL, sealed BYTEA NOT NULL,
  PRIMARY KEY (case_id, subject_ref, day, kind, chunk_id));
CREATE TABLE purges (expires_on TEXT NOT NULL, program TEXT NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL, rows_gone BIGINT NOT NULL, rows_held BIGINT NOT NULL, PRIMARY KEY (expires_on, program, kind, day));

-- Which entries of the log are certificates of purges.
CREATE TABLE purge_certificates (idx BIGINT PRIMARY KEY);

-- Since when which program covers whom, and whether they were told, and since when it does not any more; and through which epoch a person's keys are destroyed: by the keyed hash of person and program.
CREATE TABLE covered (subject_ref TEXT PRIMARY KEY, program TEXT NOT NULL, since TEXT NOT NULL, told INT NOT NULL, gone TEXT);
CREATE INDEX covered_by ON covered (program);
CREATE TABLE destroyed (subject_ref TEXT PRIMARY KEY, epoch INT NOT NULL);

-- By how many people how much could be seen, of each rule and day: the most at any time of it.
CREATE TABLE exposures (day TEXT NOT NULL, program TEXT NOT NULL, rule TEXT NOT NULL, viewers INT NOT NULL, sights BIGINT NOT NULL, PRIMARY KEY (day, program, rule));

-- How a stop spreads: which machines took which state, by keyed hash; and when something last came for a program.
CREATE TABLE spread (mark TEXT NOT NULL, device_ref TEXT NOT NULL, PRIMARY KEY (mark, device_ref));
CREATE TABLE received (program TEXT PRIMARY KEY, last BIGINT NOT NULL);

-- How often which rule served for whom but oneself, and which fields it showed: what a renewal is asked about.
CREATE TABLE rule_uses (program TEXT NOT NULL, rule TEXT NOT NULL, month TEXT NOT NULL, looks BIGINT NOT NULL, PRIMARY KEY (program, rule, month));
CREATE TABLE field_uses (program TEXT NOT NULL, stream TEXT NOT NULL, field TEXT NOT NULL, looks BIGINT NOT NULL, last TEXT NOT NULL, PRIMARY KEY (program, stream, field));

-- What approvers were shown, by its hash, which they sign.
CREATE TABLE drafts (shown TEXT PRIMARY KEY, made TEXT NOT NULL, sealed BYTEA NOT NULL);

-- What was computed when an incident was opened.
CREATE TABLE incident_facts (id TEXT PRIMARY KEY, made TEXT NOT NULL, sealed BYTEA NOT NULL);

-- Releases: the only measured thing that is stored in clear. A run's row stays when who was counted where (sealed; people in parts, so that one is found without all) is
-- forgotten: no period runs twice.
CREATE TABLE release_runs (program TEXT NOT NULL, period TEXT NOT NULL, run BIGINT NOT NULL, counted BYTEA, done INT NOT NULL, expires_on TEXT NOT NULL, PRIMARY KEY (program, period));
CREATE TABLE release_people (run BIGINT NOT NULL, part INT NOT NULL, people BYTEA NOT NULL, PRIMARY KEY (run, part));
CREATE TABLE release_cells (
  program TEXT NOT NULL, measure TEXT NOT NULL, level TEXT NOT NULL, grp TEXT NOT NULL, period TEXT NOT NULL, value INT, low INT, high INT, people INT, reason TEXT, expires_on TEXT NOT NULL,
  PRIMARY KEY (program, measure, level, grp, period));
CREATE INDEX release_cells_period ON release_cells (program, period);
CREATE INDEX release_cells_expire_of ON release_cells (program, expires_on);
CREATE INDEX release_cells_expire ON release_cells (expires_on);
CREATE TABLE noise_use (program TEXT NOT NULL, year INT NOT NULL, used DOUBLE PRECISION NOT NULL, budget DOUBLE PRECISION NOT NULL, delta DOUBLE PRECISION NOT NULL, PRIMARY KEY (program, year));

-- Which processes serve this database, and when each was last alive.
CREATE TABLE nodes (id TEXT PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, started BIGINT NOT NULL, seen BIGINT NOT NULL);

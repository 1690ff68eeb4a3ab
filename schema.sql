-- Jejak: the whole database of a station, in reading order.
--
-- 1 Ledger       what nobody can alter unseen: append-only, guarded, signed
-- 2 Projections  what the ledger says now; disposable, rebuilt from entries
-- 3 Directory    names behind person ids; erasable, bound to the ledger by hash
-- 4 Views        the numbers that screens and reports show
-- 5 Migrations   the numbered changes of sections 1 and 3 that this file has
--
-- Times are UTC milliseconds. Hashes are raw SHA-256. Triggers stop accidents,
-- not the owner of the file: the signed checkpoints do that.

PRAGMA application_id = 0x4a656a6b;  -- "Jejk"
PRAGMA user_version = 2;  -- station/storage/schema_versions.py lists the versions

------------------------------------------------------------------------------
-- 1 Ledger (RFC 6962 tree; C2SP tlog-checkpoint)
------------------------------------------------------------------------------

CREATE TABLE log (
  log_id      INTEGER PRIMARY KEY,
  origin      TEXT    NOT NULL UNIQUE,
  vkey        TEXT    NOT NULL,
  mine        INTEGER NOT NULL CHECK (mine IN (0, 1)),
  predecessor TEXT
) STRICT;

CREATE TABLE entry (
  log_id    INTEGER NOT NULL REFERENCES log,
  seq       INTEGER NOT NULL CHECK (seq >= 0),
  leaf_hash BLOB    NOT NULL CHECK (length(leaf_hash) = 32),
  body      BLOB    NOT NULL CHECK (length(body) BETWEEN 2 AND 65535),
  type      TEXT    NOT NULL,  -- copy of the body's, checked by verify
  PRIMARY KEY (log_id, seq)
) STRICT, WITHOUT ROWID;

-- The station's own events by name: starts, stops, backups, shifts.
CREATE INDEX entry_event
  ON entry (log_id, json_extract(CAST(body AS TEXT), '$.data.event'), seq)
  WHERE type = 'system';

-- The index by item: one row for every item an entry names, ranges opened up.
CREATE TABLE entry_item (
  log_id INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  item   TEXT    NOT NULL,
  PRIMARY KEY (item, log_id, seq),
  FOREIGN KEY (log_id, seq) REFERENCES entry
) STRICT, WITHOUT ROWID;

-- Full subtrees above the leaves: level 1 = two leaves.
CREATE TABLE node (
  log_id INTEGER NOT NULL REFERENCES log,
  level  INTEGER NOT NULL CHECK (level > 0),
  idx    INTEGER NOT NULL CHECK (idx >= 0),
  hash   BLOB    NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (log_id, level, idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoint (
  log_id INTEGER NOT NULL REFERENCES log,
  size   INTEGER NOT NULL CHECK (size > 0),
  root   BLOB    NOT NULL CHECK (length(root) = 32),
  note   TEXT    NOT NULL,
  PRIMARY KEY (log_id, size)
) STRICT, WITHOUT ROWID;

-- Guards. The BEFORE INSERT ones also stop INSERT OR REPLACE, which deletes the
-- row in its way without firing any trigger for DELETE.

CREATE UNIQUE INDEX log_mine ON log (mine) WHERE mine = 1;

CREATE TRIGGER log_new BEFORE INSERT ON log
WHEN EXISTS (
  SELECT 1 FROM log
  WHERE log_id = NEW.log_id OR origin = NEW.origin OR (mine = 1 AND NEW.mine = 1)
)
BEGIN SELECT RAISE(ABORT, 'this log is there already'); END;

CREATE TRIGGER log_no_update BEFORE UPDATE ON log
BEGIN SELECT RAISE(ABORT, 'a log is never changed'); END;

CREATE TRIGGER log_no_delete BEFORE DELETE ON log
BEGIN SELECT RAISE(ABORT, 'a log is never deleted'); END;

CREATE TRIGGER entry_next BEFORE INSERT ON entry
WHEN NEW.seq IS NOT (
  SELECT coalesce(max(seq) + 1, 0) FROM entry WHERE log_id = NEW.log_id
)
BEGIN SELECT RAISE(ABORT, 'an entry takes the next seq of its log'); END;

CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'an entry is never changed: record a correction'); END;

CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'an entry is never deleted: record a correction'); END;

CREATE TRIGGER entry_item_next BEFORE INSERT ON entry_item
WHEN NEW.seq IS NOT (SELECT max(seq) FROM entry WHERE log_id = NEW.log_id)
BEGIN SELECT RAISE(ABORT, 'an item is indexed with its entry, never later'); END;

CREATE TRIGGER entry_item_no_update BEFORE UPDATE ON entry_item
BEGIN SELECT RAISE(ABORT, 'the index by item is never changed'); END;

CREATE TRIGGER entry_item_no_delete BEFORE DELETE ON entry_item
BEGIN SELECT RAISE(ABORT, 'the index by item is never deleted'); END;

CREATE TRIGGER node_next BEFORE INSERT ON node
WHEN NEW.idx IS NOT (
  SELECT coalesce(max(idx) + 1, 0) FROM node
  WHERE log_id = NEW.log_id AND level = NEW.level
)
BEGIN SELECT RAISE(ABORT, 'a node takes the next place of its level'); END;

CREATE TRIGGER node_no_update BEFORE UPDATE ON node
BEGIN SELECT RAISE(ABORT, 'a node is never changed'); END;

CREATE TRIGGER node_no_delete BEFORE DELETE ON node
BEGIN SELECT RAISE(ABORT, 'a node is never deleted'); END;

CREATE TRIGGER checkpoint_grows BEFORE INSERT ON checkpoint
WHEN NEW.size <= (
  SELECT coalesce(max(size), 0) FROM checkpoint WHERE log_id = NEW.log_id
)
BEGIN SELECT RAISE(ABORT, 'a checkpoint is larger than the one before'); END;

CREATE TRIGGER checkpoint_no_update BEFORE UPDATE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'a checkpoint is never changed'); END;

CREATE TRIGGER checkpoint_no_delete BEFORE DELETE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'a checkpoint is never deleted'); END;

------------------------------------------------------------------------------
-- 2 Projections (station/custody/projection/apply_entries.py writes them; the gate counts `tally`)
--
-- An older data folder gets these tables and the views anew, filled from its entries,
-- when their text differs from the text here. Where apply_entries.py fills the same
-- tables differently, raise the edition below, so that the text differs.
------------------------------------------------------------------------------

CREATE TABLE area (                   -- edition 2 of the projections
  code   TEXT PRIMARY KEY,            -- Kemendagri: 17.71, 17.71.03, 17.71.03.1011
  level  TEXT NOT NULL,               -- kota, kabupaten, kecamatan, kelurahan, desa
  name   TEXT NOT NULL,
  parent TEXT,
  dapil  TEXT                         -- electoral district of DPRD kab/kota
) STRICT, WITHOUT ROWID;

-- A TPS may vote twice: a re-vote (PSU) is another election of the same TPS.
CREATE TABLE polling_station (
  election TEXT    NOT NULL,          -- pemilu, psu-2024-02
  id       TEXT    NOT NULL,          -- 17.71.03.1011/003
  area     TEXT    NOT NULL,          -- kelurahan
  number   TEXT    NOT NULL,          -- '003'
  dpt      INTEGER NOT NULL,          -- registered voters
  PRIMARY KEY (election, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE ballot_count (
  election        TEXT    NOT NULL,
  polling_station TEXT    NOT NULL,
  ballot          TEXT    NOT NULL,
  sheets          INTEGER NOT NULL,
  PRIMARY KEY (election, polling_station, ballot)
) STRICT, WITHOUT ROWID;

CREATE TABLE item (
  id          TEXT    PRIMARY KEY,    -- 1771-B-0007K
  election    TEXT    NOT NULL,
  ballot      TEXT,
  destination TEXT    NOT NULL,       -- area code, /TPS where it goes to one
  kecamatan   TEXT    NOT NULL,       -- the first three parts of destination
  container   TEXT,                   -- the box in which a bundle belongs
  quantity    INTEGER,
  issue       INTEGER NOT NULL,       -- of the label that counts
  issued_seq  INTEGER NOT NULL,
  registered_seq INTEGER NOT NULL,    -- of its first issue
  voided      INTEGER NOT NULL DEFAULT 0 CHECK (voided IN (0, 1)),
  state       TEXT    NOT NULL DEFAULT 'registered',
  consignment TEXT,                   -- that the state speaks of
  at          TEXT    NOT NULL DEFAULT 'gudang',  -- whose goods it stands among: ppk
  landed      TEXT,                   -- the consignment that brought it there
  reached     TEXT    NOT NULL DEFAULT 'gudang',  -- the lowest place where it ever was
  came_back   INTEGER NOT NULL DEFAULT 0 CHECK (came_back IN (0, 1)),  -- to where it is
  last_seq    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX item_kecamatan ON item (kecamatan, state);

CREATE TABLE consignment (
  id           TEXT    PRIMARY KEY,   -- C-0012
  number       INTEGER NOT NULL UNIQUE,
  phase        TEXT    NOT NULL,
  leg          TEXT    NOT NULL,      -- gudang-ppk
  source       TEXT    NOT NULL,      -- code of the place that it leaves: 17.71
  destination  TEXT    NOT NULL,      -- and of the place that it goes to: 17.71.03
  area         TEXT    NOT NULL,      -- the lower of both: its goods are of there
  kinds        TEXT    NOT NULL,      -- PPWP,DPR,...
  vehicle      TEXT,                  -- this and the next two: of the trip's last telling
  arrives_ms   INTEGER,               -- planned, UTC milliseconds
  trip_seq     INTEGER NOT NULL,      -- the entry that told the trip last
  version      INTEGER NOT NULL DEFAULT 1,  -- of its waybill: 1 + corrections
  gate         TEXT,                  -- where it is open now
  opened_seq   INTEGER NOT NULL,
  departed_seq INTEGER,
  arrived_seq  INTEGER,
  closed_seq   INTEGER
) STRICT, WITHOUT ROWID;

-- One open consignment a gate.
CREATE UNIQUE INDEX consignment_open ON consignment (gate)
  WHERE phase IN ('loading', 'arriving');

-- Consignments that are planned and not opened yet; the entry says the rest.
CREATE TABLE truck_plan (
  id     TEXT    PRIMARY KEY,         -- C-0012
  number INTEGER NOT NULL UNIQUE,
  seq    INTEGER NOT NULL,            -- the entry that planned it last
  dropped INTEGER NOT NULL DEFAULT 0 CHECK (dropped IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE consignment_item (
  consignment  TEXT    NOT NULL,
  item         TEXT    NOT NULL,
  loaded_seq   INTEGER,
  departed     INTEGER NOT NULL DEFAULT 0 CHECK (departed IN (0, 1)),
  accepted_seq INTEGER,
  PRIMARY KEY (consignment, item)
) STRICT, WITHOUT ROWID;

CREATE INDEX consignment_item_item ON consignment_item (item);

-- The scans of a gate, for its list of the last ones.
CREATE TABLE gate_scan (
  seq      INTEGER PRIMARY KEY,
  gate     TEXT    NOT NULL,
  accepted INTEGER NOT NULL CHECK (accepted IN (0, 1))
) STRICT;

CREATE INDEX gate_scan_gate ON gate_scan (gate, seq);

-- /healthz counts these every second or two.
CREATE INDEX gate_scan_accepted ON gate_scan (seq) WHERE accepted = 1;

-- Entries of our own log that were declared wrong, and the entry that says so.
CREATE TABLE correction (
  wrong INTEGER PRIMARY KEY,
  seq   INTEGER NOT NULL
) STRICT;

-- Who has which role; the name behind the id lies in the directory.
CREATE TABLE account (
  person TEXT PRIMARY KEY,
  role   TEXT    NOT NULL,
  seq    INTEGER NOT NULL,            -- the entry that enrolled them
  erased INTEGER NOT NULL DEFAULT 0 CHECK (erased IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Who has the shift at a gate; its cameras record under that person.
CREATE TABLE shift (
  gate   TEXT PRIMARY KEY,
  person TEXT    NOT NULL,
  seq    INTEGER NOT NULL,            -- the entry by which it began
  tried_seq INTEGER                   -- the last good trial of a camera in it
) STRICT, WITHOUT ROWID;

-- A gate is held while a row here has no acknowledgement.
CREATE TABLE hold (
  seq              INTEGER PRIMARY KEY,
  gate             TEXT    NOT NULL,
  acknowledged_seq INTEGER
) STRICT;

CREATE INDEX hold_open ON hold (gate) WHERE acknowledged_seq IS NULL;

-- What was seen of a counted item, at one end of a consignment; the newest word counts.
CREATE TABLE inspection (
  consignment TEXT    NOT NULL,
  item        TEXT    NOT NULL,
  step        TEXT    NOT NULL,       -- loading or accepting
  condition   TEXT    NOT NULL,       -- good, wet, torn_wrap, seal_broken, damaged
  seals       TEXT    NOT NULL,       -- numbers, a line each
  note        TEXT,
  at_ms       INTEGER NOT NULL,       -- when it was seen
  seq         INTEGER NOT NULL,
  PRIMARY KEY (consignment, item, step)
) STRICT, WITHOUT ROWID;

CREATE INDEX inspection_item ON inspection (item, seq);

-- Which box a seal's number was said of, at which end of which consignment.
CREATE TABLE seal (
  number      TEXT NOT NULL,
  item        TEXT NOT NULL,
  consignment TEXT NOT NULL,
  step        TEXT NOT NULL,          -- loading or accepting
  PRIMARY KEY (number, item, consignment, step)
) STRICT, WITHOUT ROWID;

CREATE INDEX seal_item ON seal (item, consignment, step);

-- What passed a gate undecided, until it is scanned there or the consignment ends.
CREATE TABLE bring_back (
  gate TEXT    NOT NULL,
  item TEXT    NOT NULL,
  seq  INTEGER NOT NULL,              -- the entry that names it
  PRIMARY KEY (gate, item)
) STRICT, WITHOUT ROWID;

-- The numbered paper forms; one that came back was entered or declared unused.
CREATE TABLE form (
  number      INTEGER PRIMARY KEY,
  printed_seq INTEGER NOT NULL,
  entered_seq INTEGER,
  unused_seq  INTEGER
) STRICT;

-- Which issues of an item's label are on paper, and the last job that printed them.
CREATE TABLE printed (
  item  TEXT    NOT NULL,
  issue INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  PRIMARY KEY (item, issue)
) STRICT, WITHOUT ROWID;

-- Another label's text (SILOG), linked once to an item; never parsed.
CREATE TABLE alias (
  text TEXT    PRIMARY KEY,
  item TEXT    NOT NULL UNIQUE,
  seq  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- FOREIGN and UNREAD are counted, and the counts go into the closing entry.
CREATE TABLE tally (
  consignment TEXT    NOT NULL,
  step        TEXT    NOT NULL,
  verdict     TEXT    NOT NULL,
  n           INTEGER NOT NULL,
  PRIMARY KEY (consignment, step, verdict)
) STRICT, WITHOUT ROWID;

------------------------------------------------------------------------------
-- 3 Directory (erasable: nothing here is in the ledger but a salted hash)
------------------------------------------------------------------------------

CREATE TABLE person (
  id    TEXT PRIMARY KEY,             -- p01
  name  TEXT NOT NULL,
  badge TEXT UNIQUE,                  -- what is printed on it, or NULL
  salt  BLOB NOT NULL CHECK (length(salt) = 16)
) STRICT, WITHOUT ROWID;

-- How a person proves who they are. Hashes are Argon2id with their own salts.
-- Names of people that the telling of a trip holds a salted hash of.
CREATE TABLE trip_name (
  seq  INTEGER NOT NULL,              -- the entry that tells the trip
  part TEXT    NOT NULL,              -- driver, escort, supervisor, key_holder
  name TEXT    NOT NULL,
  salt BLOB    NOT NULL CHECK (length(salt) = 16),
  PRIMARY KEY (seq, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE credential (
  person        TEXT PRIMARY KEY REFERENCES person ON DELETE CASCADE,
  login         TEXT NOT NULL UNIQUE,
  password_hash TEXT,                 -- NULL: none chosen yet
  pin_hash      TEXT,
  code_hash     TEXT,                 -- one-time code, until it is used or too old
  code_until_ms INTEGER
) STRICT, WITHOUT ROWID;

-- Wrong passwords and PINs since the last right one, and the wait they earned.
CREATE TABLE attempt (
  person   TEXT    NOT NULL REFERENCES person ON DELETE CASCADE,
  kind     TEXT    NOT NULL CHECK (kind IN ('password', 'pin')),
  failures INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  PRIMARY KEY (person, kind)
) STRICT, WITHOUT ROWID;

-- Who is signed in where. The browser holds the token; here lies its SHA-256.
CREATE TABLE session (
  token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
  person     TEXT    NOT NULL REFERENCES person ON DELETE CASCADE,
  started_ms INTEGER NOT NULL,
  seen_ms    INTEGER NOT NULL,
  by_code    INTEGER NOT NULL CHECK (by_code IN (0, 1))  -- must choose a password
) STRICT, WITHOUT ROWID;

CREATE INDEX session_person ON session (person);

------------------------------------------------------------------------------
-- 4 Views
------------------------------------------------------------------------------

-- An item with the names of the places it goes to.
CREATE VIEW item_text AS
SELECT
  item.*,
  kecamatan.name AS kecamatan_name,
  kelurahan.name AS kelurahan_name,
  CASE WHEN instr(destination, '/') > 0
    THEN substr(destination, instr(destination, '/') + 1) END AS tps
FROM item
LEFT JOIN area AS kecamatan ON kecamatan.code = item.kecamatan
LEFT JOIN area AS kelurahan ON length(destination) > length(item.kecamatan)
  AND kelurahan.code = CASE WHEN instr(destination, '/') > 0
    THEN substr(destination, 1, instr(destination, '/') - 1)
    ELSE destination END;

-- The board: items that travel by themselves to a kecamatan, by how deep they go, how
-- deep they were, where they stand, and what they are on.
CREATE VIEW standing AS
WITH heap AS (
  -- Grouped before anything is looked up: few are on their way at any moment.
  SELECT
    kecamatan,
    election,
    CASE
      WHEN instr(destination, '/') > 0 THEN 'kpps'
      WHEN length(destination) > length(kecamatan) THEN 'pps'
      ELSE 'ppk'
    END AS until,
    reached,
    at,
    came_back,
    iif(state IN ('loaded', 'departed'), consignment, NULL) AS moving,
    state,
    count(*) AS n
  FROM item
  WHERE container IS NULL AND voided = 0
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
)
SELECT heap.*, consignment.leg AS leg
FROM heap
-- Cartons stay where they are: they are for no kecamatan.
JOIN area ON area.code = heap.kecamatan AND area.level = 'kecamatan'
LEFT JOIN consignment ON consignment.id = heap.moving;

-- What an open or closed consignment expects, and what was counted.
CREATE VIEW consignment_progress AS
SELECT
  consignment.*,
  source_area.name AS source_name,
  destination_area.name AS destination_name,
  count(consignment_item.item) AS listed,
  coalesce(sum(loaded_seq IS NOT NULL), 0) AS loaded,
  coalesce(sum(departed), 0) AS departed,
  coalesce(sum(accepted_seq IS NOT NULL), 0) AS accepted
FROM consignment
LEFT JOIN consignment_item ON consignment_item.consignment = consignment.id
LEFT JOIN area AS source_area
  ON source_area.code = substr(source, 1, instr(source || '/', '/') - 1)
LEFT JOIN area AS destination_area
  ON destination_area.code = substr(destination, 1, instr(destination || '/', '/') - 1)
GROUP BY consignment.id;

------------------------------------------------------------------------------
-- 5 Migrations (station/storage/migrations.py; the table is sqlite-utils' own)
------------------------------------------------------------------------------

CREATE TABLE _sqlite_migrations (
  id            INTEGER PRIMARY KEY,
  migration_set TEXT,
  name          TEXT,
  applied_at    TEXT
);

CREATE UNIQUE INDEX _sqlite_migrations_name
  ON _sqlite_migrations (migration_set, name);

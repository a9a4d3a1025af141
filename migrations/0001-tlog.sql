-- The disclosure log: a Merkle tree (RFC 9162) over entries, in tiles of 256 hashes (C2SP tlog-tiles).
--
-- Entries come in with the transaction that clears their messages, one row a batch: no log entry, no send. They get
-- their place in the tree a moment later, from the sequencer, which is one transaction a round: places, tiles and the
-- signed checkpoint appear together or not at all.

create table tlog_batch (
  batch_id bigint generated always as identity primary key,
  entry_count int not null check (entry_count > 0),
  -- The C2SP entry-bundle form: for each entry its length as uint16 big-endian, then its bytes. Kept once, here; the
  -- bundles that are served are cut from it.
  entries bytea not null check (octet_length(entries) >= 2 * entry_count),
  -- Index of the batch's first entry in the tree; null until sequenced, then fixed for good.
  first_index bigint check (first_index >= 0),
  created_at timestamptz not null default now()
);
-- Hashes and commitments do not compress; plain storage also lets a bundle be cut out of a large batch.
alter table tlog_batch alter column entries set storage external;
-- What waits, in order of arrival; and who has which place. Batch ids may commit out of order: "waits" is about the
-- missing index, never about an id being larger than the last one seen.
create index tlog_batch_waiting on tlog_batch (batch_id) where first_index is null;
create unique index tlog_batch_place on tlog_batch (first_index) where first_index is not null;

-- The n-th tile of a level: up to 256 hashes of 32 bytes. The last tile of each level grows; a full one never changes.
create table tlog_tile (
  level smallint not null check (level between 0 and 63),
  n bigint not null check (n >= 0),
  width smallint not null check (width between 1 and 256),
  hashes bytea not null check (octet_length(hashes) = 32 * width),
  primary key (level, n)
);
alter table tlog_tile alter column hashes set storage external;

-- Signed checkpoints (C2SP tlog-checkpoint). The newest and its recent forerunners are kept, and for good every one that
-- a witness has cosigned.
create table tlog_checkpoint (
  size bigint primary key check (size >= 0),
  root bytea not null check (octet_length(root) = 32),
  note text not null,
  signed_at timestamptz not null
);

-- What witnesses answered (C2SP tlog-cosignature), one line to add to the checkpoint's note.
create table tlog_cosignature (
  size bigint not null references tlog_checkpoint (size) on delete cascade,
  vkey text not null,
  line text not null,
  cosigned_at timestamptz not null,
  primary key (vkey, size)
);
create index tlog_cosignature_size on tlog_cosignature (size);

-- The log only grows: a slip of the hand at the SQL prompt must not be able to change it quietly.
create function tlog_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the disclosure log only grows: % on % refused', tg_op, tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger tlog_batch_is_kept before delete or update of batch_id, entry_count, entries, created_at on tlog_batch
  for each statement execute function tlog_refuse_change();
create trigger tlog_batch_place_is_kept before update of first_index on tlog_batch
  for each row when (old.first_index is not null) execute function tlog_refuse_change();

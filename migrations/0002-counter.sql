-- The counter: who is who, what was agreed, what came in, what went out.
--
-- Every table of customers carries its lane first in its primary key: the lane is the unit of order, of batching and of
-- distribution. Columns named `sealed` hold AES-256-GCM boxes under that customer's own data key, so destroying one key
-- (customer_contact.wrapped_key) erases them all, here and in every backup.

-- ---------------------------------------------------------------- customer

-- A contact is a person at one address of one channel. The id is derived from the address, so that the webhook door
-- knows lane and contact without asking the database.
create table customer_contact (
  lane smallint not null,
  contact_id uuid not null,
  channel text not null,
  account text not null,
  -- The data key, wrapped by the key-encryption key. Gone = erased.
  wrapped_key bytea not null,
  -- The platform's id of the person.
  sealed_user bytea not null,
  created_at timestamptz not null default now(),
  primary key (lane, contact_id)
);

-- A contact linked to a customer of an institution: the bank's subject, tokens and the key they are bound to.
create table customer_link (
  lane smallint not null,
  contact_id uuid not null,
  institution text not null,
  -- HMAC of institution and subject under the house key: finds a person's chats when they sign in on the web.
  subject_ref bytea not null,
  sealed bytea not null,
  linked_at timestamptz not null default now(),
  primary key (lane, contact_id, institution)
);
create index customer_link_subject on customer_link (subject_ref);

-- A linking under way: from the Log-in button to the webhook that ends it.
create table customer_linking (
  lane smallint not null,
  linking_id text not null,
  contact_id uuid not null,
  -- SHA-256 of the cookie that ties the linking to one browser, and of the code given to the platform.
  browser_hash bytea not null,
  code_hash bytea,
  step text not null,
  sealed bytea not null,
  expires_at timestamptz not null,
  primary key (lane, linking_id)
);
create index customer_linking_code on customer_linking (lane, contact_id, code_hash);
create index customer_linking_expiry on customer_linking (expires_at);

-- A signed-in browser of a customer. The cookie's secret is kept only as its hash.
create table customer_session (
  session_hash bytea primary key,
  institution text not null,
  subject_ref bytea not null,
  method text not null check (method in ('bank', 'passkey')),
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index customer_session_expiry on customer_session (expires_at);

create table customer_passkey (
  credential_id bytea primary key,
  institution text not null,
  subject_ref bytea not null,
  public_key bytea not null,
  counter bigint not null,
  transports text not null,
  created_at timestamptz not null default now(),
  used_at timestamptz
);
create index customer_passkey_subject on customer_passkey (subject_ref);

-- One-time values of the web doors (WebAuthn challenges, logins under way), by the hash of their handle.
create table customer_challenge (
  handle_hash bytea primary key,
  kind text not null,
  body jsonb not null,
  expires_at timestamptz not null
);

-- Who asked to be erased: kept so that a restored backup erases them again before it serves anything.
create table customer_erasure (
  lane smallint not null,
  contact_id uuid not null,
  erased_at timestamptz not null default now(),
  report jsonb not null,
  primary key (lane, contact_id, erased_at)
);

-- ---------------------------------------------------------------- consent

-- What is agreed now. `version` moves with every change and is re-checked in the transaction that clears a message.
create table consent_grant (
  lane smallint not null,
  contact_id uuid not null,
  institution text not null,
  grant_id text not null,
  version integer not null,
  state text not null check (state in ('active', 'withdrawn', 'revoked', 'expired')),
  valid_until timestamptz not null,
  sealed bytea not null,
  changed_at timestamptz not null default now(),
  primary key (lane, contact_id, institution)
);

-- Every version there ever was, as it was agreed (ISO/IEC TS 27560 record).
create table consent_record (
  lane smallint not null,
  contact_id uuid not null,
  grant_id text not null,
  version integer not null,
  event text not null check (event in ('given', 'changed', 'withdrawn', 'revoked', 'expired', 'renewed')),
  sealed bytea not null,
  at timestamptz not null default now(),
  -- Where it stands in the log.
  batch_id bigint,
  "position" smallint,
  primary key (lane, contact_id, grant_id, version)
);

-- ---------------------------------------------------------------- conversation

-- One row a thread: what decides whether and how the bot may speak.
create table conversation_thread (
  lane smallint not null,
  contact_id uuid not null,
  last_user_at bigint,            -- epoch ms of the person's last action: opens the platform's window
  bot_said_at bigint,             -- when we last said that this is a bot
  flags smallint not null default 0, -- 1 standby, 2 frozen (identity event), 4 closed, 8 stopped, 16 linked, 32 calling, 64 ended
  misses smallint not null default 0,
  read_watermark bigint,
  sealed bytea,                   -- what the dialogue is about
  primary key (lane, contact_id)
) with (fillfactor = 70);

-- Everything that came in, once: the event id is derived from the platform's own id of the event.
create table conversation_inbox (
  lane smallint not null,
  event_id uuid not null,
  contact_id uuid not null,
  kind smallint not null,
  state smallint not null,        -- 0 accepted, not yet answered; 1 done
  received_at bigint not null,    -- epoch ms
  ord bigint generated always as identity,
  sealed bytea,                   -- what came, until it is answered; random bytes for what needed no answer
  primary key (lane, event_id)
);
create index conversation_inbox_waiting on conversation_inbox (lane, ord) where state = 0;

-- ---------------------------------------------------------------- disclosure

-- Everything that was cleared to go out, and what became of it. Logged at (batch_id, position) before it is sent.
create table disclosure_outbox (
  lane smallint not null,
  contact_id uuid not null,
  message_id text collate "C" not null,
  state smallint not null,        -- 0 queued, 1 sending, 2 sent, 3 cancelled, 4 failed, 5 unknown
  priority smallint not null,
  institution text,
  purpose text,
  grant_id text,
  grant_version integer,
  disclosed boolean not null,
  batch_id bigint not null,
  "position" smallint not null,
  attempts smallint not null default 1,
  created_at bigint not null,     -- epoch ms
  settled_at bigint,
  mid text,
  reason text,
  sealed bytea not null,          -- body, opening of the log entry, diary line
  primary key (lane, contact_id, message_id)
-- Half of each page stays free: every row is written twice (sent, then what became of it), it is large, and the second
-- write stays on its page and out of the index only where there is room for it. Measured: a third less WAL.
) with (fillfactor = 50);
-- Ranges of 8 MB: with smaller ones a busy day asks for summaries faster than autovacuum makes them.
create index disclosure_outbox_created on disclosure_outbox using brin (created_at) with (pages_per_range = 1024, autosummarize = on);

create table disclosure_card (
  lane smallint not null,
  card_id text not null,
  contact_id uuid not null,
  institution text not null,
  purpose text not null,
  grant_id text not null,
  expires_at timestamptz not null,
  closed_at timestamptz,
  sealed bytea not null,
  primary key (lane, card_id)
);
create index disclosure_card_contact on disclosure_card (lane, contact_id);

-- ---------------------------------------------------------------- pipeline

-- Which process owns a lane. The epoch is a fence: a process that was presumed dead finds its epoch gone and stops.
create table pipeline_lease (
  lane smallint primary key,
  owner text not null,
  epoch bigint not null,
  renewed_at timestamptz not null default now()
);

-- What the pipeline remembers between starts: the low-water mark of recovery (nothing older is unsettled), and the
-- fingerprint of the key that wraps customer keys.
create table pipeline_state (name text primary key, value text not null);

-- One batch, one commit: what came in, what is answered, what goes out, and its place in the log.
--
-- p_lane   the lane all rows belong to, or null on a single node where one call carries rows of many lanes
--          (on Citus the call is routed by it).
-- p_blob   all sealed boxes and log entries, one after the other; `*_at` (1-based) and `*_len` cut it again. Binary
--          travels cheapest as a single value.
-- Returns one row: status 'ok' with the log batch, or a conflict with nothing written:
--   'fenced'  this process no longer owns the lanes
--   'seen'    event ids that were accepted before (a repeat by the platform)
--   'stale'   grants that changed since the decision was made
create function counter_commit(
  p_lane smallint, p_owner text, p_epoch bigint, p_now bigint, p_blob bytea,
  g_lane smallint[], g_contact uuid[], g_institution text[], g_version integer[],
  c_lane smallint[], c_contact uuid[], c_channel text[], c_account text[], c_at integer[], c_key_len integer[], c_user_len integer[],
  i_lane smallint[], i_event uuid[], i_contact uuid[], i_kind smallint[], i_state smallint[], i_at integer[], i_len integer[],
  f_lane smallint[], f_event uuid[],
  t_lane smallint[], t_contact uuid[], t_last_user bigint[], t_said bigint[], t_flags smallint[], t_misses smallint[], t_at integer[], t_len integer[],
  o_lane smallint[], o_contact uuid[], o_message text[], o_state smallint[], o_priority smallint[], o_institution text[], o_purpose text[],
  o_grant text[], o_version integer[], o_disclosed boolean[], o_at integer[], o_len integer[],
  d_lane smallint[], d_card text[], d_contact uuid[], d_institution text[], d_purpose text[], d_grant text[], d_expires bigint[], d_at integer[], d_len integer[],
  s_lane smallint[], s_contact uuid[], s_message text[], s_state smallint[], s_mid text[], s_reason text[],
  l_count integer, l_at integer, l_len integer
) returns table (status text, conflicts text[], batch bigint)
language plpgsql
-- Every look-up here is a few hundred rows by primary key, whatever the tables hold: one plan, made once, that uses the
-- keys. Left to itself PostgreSQL plans anew for each batch, or scans a table that it last saw empty (measured on 15 and
-- 18: up to five times the work).
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_conflicts text[];
  v_batch bigint;
  v_updated integer;
begin
  -- Shared with other batches; a take-over asks for it alone and so waits for every batch under way.
  perform pg_advisory_xact_lock_shared(7300, 1);
  if exists (select 1 from pipeline_lease l where (p_lane is null or l.lane = p_lane) and (l.epoch <> p_epoch or l.owner <> p_owner)) then
    return query select 'fenced'::text, null::text[], null::bigint;
    return;
  end if;

  if cardinality(i_event) > 0 then
    select array_agg(i.event_id::text) into v_conflicts
      from unnest(i_lane, i_event) as e(lane, event_id) join conversation_inbox i using (lane, event_id);
    if v_conflicts is not null then
      return query select 'seen'::text, v_conflicts, null::bigint;
      return;
    end if;
  end if;

  -- A grant is read again here, under lock: a withdrawal either finished before this (and the version differs) or
  -- waits until this batch is committed (and then finds the message to cancel).
  if cardinality(g_contact) > 0 then
    perform 1 from consent_grant c join unnest(g_lane, g_contact, g_institution) as e(lane, contact_id, institution)
      using (lane, contact_id, institution) for share of c;
    select array_agg(e.contact_id::text || ' ' || e.institution) into v_conflicts
      from unnest(g_lane, g_contact, g_institution, g_version) as e(lane, contact_id, institution, version)
      left join consent_grant c using (lane, contact_id, institution)
      where c.version is distinct from e.version or c.state <> 'active' or c.valid_until <= to_timestamp(p_now / 1000.0);
    if v_conflicts is not null then
      return query select 'stale'::text, v_conflicts, null::bigint;
      return;
    end if;
  end if;

  if cardinality(c_contact) > 0 then
    insert into customer_contact (lane, contact_id, channel, account, wrapped_key, sealed_user)
      select e.lane, e.contact_id, e.channel, e.account,
             substring(p_blob from e.at for e.key_len), substring(p_blob from e.at + e.key_len for e.user_len)
      from unnest(c_lane, c_contact, c_channel, c_account, c_at, c_key_len, c_user_len)
        as e(lane, contact_id, channel, account, at, key_len, user_len)
      on conflict (lane, contact_id) do nothing;
  end if;

  if cardinality(i_event) > 0 then
    insert into conversation_inbox (lane, event_id, contact_id, kind, state, received_at, sealed)
      select e.lane, e.event_id, e.contact_id, e.kind, e.state, p_now, case when e.len > 0 then substring(p_blob from e.at for e.len) end
      from unnest(i_lane, i_event, i_contact, i_kind, i_state, i_at, i_len) as e(lane, event_id, contact_id, kind, state, at, len);
  end if;

  if cardinality(f_event) > 0 then
    update conversation_inbox i set state = 1, sealed = null from unnest(f_lane, f_event) as e(lane, event_id)
      where i.lane = e.lane and i.event_id = e.event_id and i.state = 0;
  end if;

  -- Nearly every thread has its row already: an update by key finds it in one descent of the index, where an upsert
  -- also locks it first. What is left over is new.
  if cardinality(t_contact) > 0 then
    update conversation_thread t set last_user_at = e.last_user, bot_said_at = e.said, flags = e.flags, misses = e.misses,
        sealed = case when e.len > 0 then substring(p_blob from e.at for e.len) end
      from unnest(t_lane, t_contact, t_last_user, t_said, t_flags, t_misses, t_at, t_len)
        as e(lane, contact_id, last_user, said, flags, misses, at, len)
      where t.lane = e.lane and t.contact_id = e.contact_id;
    get diagnostics v_updated = row_count;
    if v_updated < cardinality(t_contact) then
      insert into conversation_thread (lane, contact_id, last_user_at, bot_said_at, flags, misses, sealed)
        select e.lane, e.contact_id, e.last_user, e.said, e.flags, e.misses,
               case when e.len > 0 then substring(p_blob from e.at for e.len) end
        from unnest(t_lane, t_contact, t_last_user, t_said, t_flags, t_misses, t_at, t_len)
          as e(lane, contact_id, last_user, said, flags, misses, at, len)
        on conflict (lane, contact_id) do nothing;
    end if;
  end if;

  if l_count > 0 then
    insert into tlog_batch (entry_count, entries) values (l_count, substring(p_blob from l_at for l_len))
      returning batch_id into v_batch;
  end if;

  if cardinality(o_contact) > 0 then
    insert into disclosure_outbox (lane, contact_id, message_id, state, priority, institution, purpose, grant_id, grant_version,
                                   disclosed, batch_id, "position", created_at, sealed)
      select e.lane, e.contact_id, e.message_id, e.state, e.priority, e.institution, e.purpose, e.grant_id, e.version,
             e.disclosed, v_batch, e.n - 1, p_now, substring(p_blob from e.at for e.len)
      from unnest(o_lane, o_contact, o_message, o_state, o_priority, o_institution, o_purpose, o_grant, o_version, o_disclosed, o_at, o_len)
        with ordinality as e(lane, contact_id, message_id, state, priority, institution, purpose, grant_id, version, disclosed, at, len, n);
  end if;

  if cardinality(d_card) > 0 then
    insert into disclosure_card (lane, card_id, contact_id, institution, purpose, grant_id, expires_at, sealed)
      select e.lane, e.card_id, e.contact_id, e.institution, e.purpose, e.grant_id, to_timestamp(e.expires / 1000.0),
             substring(p_blob from e.at for e.len)
      from unnest(d_lane, d_card, d_contact, d_institution, d_purpose, d_grant, d_expires, d_at, d_len)
        as e(lane, card_id, contact_id, institution, purpose, grant_id, expires, at, len);
  end if;

  -- A message is settled once; only the platform's own echo overrules what we thought: it was sent after all.
  if cardinality(s_contact) > 0 then
    update disclosure_outbox o set state = e.state, mid = coalesce(e.mid, o.mid), reason = e.reason, settled_at = p_now
      from unnest(s_lane, s_contact, s_message, s_state, s_mid, s_reason) as e(lane, contact_id, message_id, state, mid, reason)
      where o.lane = e.lane and o.contact_id = e.contact_id and o.message_id = e.message_id
        and (o.state in (0, 1, 5) or (e.reason = 'echo' and o.state in (3, 4)));
  end if;

  return query select 'ok'::text, null::text[], v_batch;
end $$;

-- Sentences that were not understood, with every name, figure and rare word blotted out, and without whose they were: for
-- the bank's people to label (`guichet nlu unclear`). Empty unless the bank switches it on; kept 30 days.
create table intent_unclear (
  unclear_id bigint generated always as identity primary key,
  at timestamptz not null,
  language text not null,
  how text not null check (how in ('offered', 'missed')),
  words text not null,
  guesses text not null
);
create index intent_unclear_at on intent_unclear (at);

-- One row a lane, owned by nobody yet.
create function pipeline_lanes(p_lanes integer) returns void language sql as $$
  insert into pipeline_lease (lane, owner, epoch) select lane, '', 0 from generate_series(0, p_lanes - 1) lane on conflict do nothing
$$;

-- Takes every lane: waits for batches under way, then fences their owner out.
create function pipeline_take(p_owner text) returns bigint language plpgsql as $$
declare v_epoch bigint;
begin
  perform pg_advisory_xact_lock(7300, 1);
  select coalesce(max(epoch), 0) + 1 into v_epoch from pipeline_lease;
  update pipeline_lease set owner = p_owner, epoch = v_epoch, renewed_at = now();
  return v_epoch;
end $$;

-- The message bus in PostgreSQL, for deployments without a broker. Names carry the prefix of their system.
create table kanau.bus_queues (
  name text primary key
);

create table kanau.bus_bindings (
  type text not null,
  queue text not null,
  primary key (type, queue)
);

-- Processes that take messages; who stopped renewing is gone, and what it held is given out again.
create table kanau.bus_owners (
  owner bigint generated always as identity primary key,
  expires_at timestamptz not null,
  -- The queues its consumers take from, once for each consumer.
  queues text[] not null
);

-- One row per message and queue. `owner` has it in hand, and nobody else when it is null; `takes` grows whenever it is
-- handed out, so that whoever had it before cannot settle it. `due_at` is when a retry is due. Attributes are JSON as
-- text, because it may hold what jsonb refuses.
create table kanau.bus_messages (
  seq bigint generated always as identity primary key,
  queue text not null,
  owner bigint,
  takes integer not null default 0,
  attempt integer not null default 1 check (attempt >= 1),
  due_at timestamptz,
  attributes text not null default '{}',
  data bytea not null default ''
);

-- A look for work costs the same however many rows are in hand or wait for their time.
create index bus_messages_ready on kanau.bus_messages (queue, seq) where owner is null and due_at is null;

create index bus_messages_delayed on kanau.bus_messages (queue, due_at, seq) where owner is null and due_at is not null;

create index bus_messages_held on kanau.bus_messages (owner) where owner is not null;

create table kanau.bus_dead_letters (
  id bigint generated always as identity primary key,
  queue text not null,
  died_at timestamptz not null default clock_timestamp(),
  attempts integer not null,
  -- JSON of reason and error, as text for the same reason.
  failure text not null,
  attributes text not null,
  data bytea not null
);

create index bus_dead_letters_by_queue on kanau.bus_dead_letters (queue, id);

-- Rows come and go all the time: vacuumed by number, not by share, and without a pause.
alter table kanau.bus_messages set (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000,
  autovacuum_vacuum_cost_delay = 0, toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 2000
);

alter table kanau.bus_owners set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Event log, pending list, leases and inbox. Statements are separated by blank lines.
create schema if not exists kanau;

-- Every event that ever happened; rows are only added.
create table kanau.events (
  position bigint generated always as identity primary key,
  id text not null unique,
  type text not null,
  source text not null,
  subject text not null,
  version text not null,
  time timestamptz not null,
  correlation_id text not null,
  causation_id text,
  traceparent text,
  idempotency_key text unique,
  data bytea not null
);

-- Pointers to the events the relay has not yet seen confirmed. Small: a row lives for milliseconds.
create table kanau.pending (
  position bigint primary key references kanau.events (position),
  subject text not null,
  attempts integer not null default 0 check (attempts >= 0),
  next_attempt_at timestamptz not null default now(),
  last_error text
);

create index pending_by_subject on kanau.pending (subject, position);

-- Who may do what only one process may do. The epoch fences: a late holder's writes name an epoch that has passed.
create table kanau.leases (
  name text primary key,
  owner text not null,
  epoch bigint not null,
  expires_at timestamptz not null
);

-- Messages whose effect on this database has happened.
create table kanau.inbox (
  consumer text not null,
  message_id text not null check (length(message_id) between 1 and 255),
  processed_at timestamptz not null default now(),
  primary key (consumer, message_id)
);

create index inbox_by_age on kanau.inbox (processed_at);

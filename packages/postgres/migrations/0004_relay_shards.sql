-- Several relays share the work by shard of subject, and what cannot be published is parked beside the pending list.
-- The shard is computed here, so that whoever appends agrees on it. A relay from before this file stops working.
alter table kanau.pending
  add column shard smallint not null generated always as ((hashtext(subject) & 15)::smallint) stored,
  drop column attempts,
  drop column next_attempt_at,
  drop column last_error;

drop index kanau.pending_by_subject;

-- Rows come and go all the time: vacuumed by number, not by share.
alter table kanau.pending set (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000
);

-- Who takes part in shared work; a member that stops renewing is gone.
create table kanau.members (
  role text not null,
  owner text not null,
  expires_at timestamptz not null,
  primary key (role, owner)
);

-- Events the bus did not take, and the later events of their subjects, which wait behind them. The first row of a
-- subject is `retrying` (until `next_attempt_at`), `dead` (no attempts left) or `discarded` (an operator gave it up and
-- the relay will drop it); the rows behind it are `waiting`. Only the relay that holds the shard adds or removes rows.
create table kanau.parked (
  position bigint primary key,
  subject text not null,
  shard smallint not null generated always as ((hashtext(subject) & 15)::smallint) stored,
  type text not null,
  state text not null check (state in ('waiting', 'retrying', 'dead', 'discarded')),
  reason text,
  attempts integer not null default 0 check (attempts >= 0),
  first_failed_at timestamptz,
  last_failed_at timestamptz,
  next_attempt_at timestamptz
);

create index parked_by_subject on kanau.parked (subject, position);

create index parked_due on kanau.parked (next_attempt_at) where next_attempt_at is not null;

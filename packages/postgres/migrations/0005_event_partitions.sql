-- The event log in partitions by position, so that old events leave by dropping a table. A partition has room for
-- 10^9 positions; EventLog.maintain moves the sequence on to the next when its time has come. What was there before
-- becomes the first partition as it is.
alter table kanau.pending drop constraint pending_position_fkey;

-- Keys of events that must not be appended twice: unique over all partitions.
create table kanau.event_keys (
  idempotency_key text primary key,
  position bigint not null
);

insert into kanau.event_keys (idempotency_key, position)
select idempotency_key, position from kanau.events where idempotency_key is not null;

create index event_keys_by_position on kanau.event_keys (position);

create sequence kanau.event_positions;

select setval('kanau.event_positions', coalesce(max(position), 1), max(position) is not null) from kanau.events;

alter table kanau.events rename to events_0;

alter table kanau.events_0 alter column position drop identity, drop column idempotency_key;

alter index kanau.events_pkey rename to events_0_pkey;

alter index kanau.events_id_key rename to events_0_id;

create table kanau.events (like kanau.events_0 including defaults) partition by range (position);

alter table kanau.events alter column position set default nextval('kanau.event_positions'), add primary key (position);

alter sequence kanau.event_positions owned by kanau.events.position;

do $$ begin
  execute format('alter table kanau.events attach partition kanau.events_0 for values from (minvalue) to (%s)',
    ((select last_value from kanau.event_positions) / 1000000000 + 1) * 1000000000);
end $$;

-- Finds where a time begins.
create index events_by_time on kanau.events using brin (time) with (pages_per_range = 32);

-- Replays that were asked for, and how far each has come.
create table kanau.replays (
  id text primary key,
  filter text not null,
  reached bigint not null,
  until bigint not null,
  enqueued bigint not null default 0,
  finished boolean not null default false,
  started_at timestamptz not null default now()
);

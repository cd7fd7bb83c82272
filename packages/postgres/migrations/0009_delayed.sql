-- Messages that are to be sent at a later time. When it has come they move to the event log and the pending list.
create table kanau.delayed (
  id text primary key,
  deliver_at timestamptz not null,
  type text not null,
  source text not null,
  subject text not null,
  version text not null,
  content_type text not null,
  created_at timestamptz not null,
  correlation_id text not null,
  causation_id text,
  traceparent text,
  data bytea not null
);

create index delayed_by_time on kanau.delayed (deliver_at, id);

create index delayed_by_subject on kanau.delayed (subject);

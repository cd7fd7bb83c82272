-- The view store on PostgreSQL: one row per document, the rendered answer as bytes.
create table kanau.views (
  view text not null,
  id text not null,
  version bigint not null,
  revision integer not null,
  derived_at timestamptz not null,
  etag text not null,
  bytes bytea not null,
  fields jsonb not null,
  deleted boolean not null,
  primary key (view, id)
);

create table kanau.views_applied (
  position text primary key,
  at timestamptz not null
);

create index views_applied_by_age on kanau.views_applied (at);

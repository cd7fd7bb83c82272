-- Views in generations: a document belongs to a collection, may have parts with versions of their own, and carries its
-- compressed answer.
alter table kanau.views rename column view to collection;

-- Ids are ordered by code point, whatever the database's collation, so that lists can be walked by an index.
alter table kanau.views alter column id type text collate "C";

alter table kanau.views
  add column base bigint,
  add column parts jsonb not null default '{}',
  add column gzip bytea;

update kanau.views set base = version;

alter table kanau.views alter column base set not null;

-- What the fields of a collection hold: name to type.
create table kanau.views_shapes (
  collection text primary key,
  fields jsonb not null
);

create table kanau.views_records (
  key text collate "C" primary key,
  revision integer not null,
  value text not null
);

-- What imports brought, so that the next one knows what has changed or vanished since, and leaves alone what is of this place.
-- Entries and users by id; a hash of all their rows in the dump; null once they are no longer in it.
create table wiki_imported (
  id text primary key,
  hash bigint
);

-- Which dump the data are of, and under which terms.
create table wiki_source (
  name text primary key,
  dumped_at timestamptz not null,
  attribution text not null
);

-- Names of one statement may change places.
alter table drm drop constraint drm_name_key, add unique (name) deferrable;

alter table engines drop constraint engines_name_key, add unique (name) deferrable;

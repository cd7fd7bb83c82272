-- What is derived from the tables that people edit and vote in. Every row here can be thrown away and derived again.
alter table vn_stats
  alter column votecount set default 0,
  alter column lengthnum set default 0,
  add column released integer,
  add column languages text[] not null default '{}',
  add column platforms text[] not null default '{}',
  add column developers text[] not null default '{}',
  add column vote_sum integer not null default 0;

-- Ratings are capped by rank among these, over all visual novels.
create index vn_stats_by_votes on vn_stats (votecount) where votecount > 0;

create table image_stats (
  id text primary key references images (id),
  votecount smallint not null,
  sexual_avg smallint not null,
  sexual_stddev smallint not null,
  violence_avg smallint not null,
  violence_stddev smallint not null
);

create table char_stats (
  id text primary key references chars (id),
  lang text not null
);

-- Tags as voted, and with the tags above them.
create table tags_vn_direct (
  vid text not null references vn (id),
  tag text not null references tags (id),
  rating real not null,
  spoiler smallint not null,
  lie boolean not null,
  primary key (vid, tag)
);

create index tags_vn_direct_by_tag on tags_vn_direct (tag, vid);

create table tags_vn_inherit (
  vid text not null references vn (id),
  tag text not null references tags (id),
  rating real not null,
  spoiler smallint not null,
  lie boolean not null,
  primary key (vid, tag)
);

create index tags_vn_inherit_by_tag on tags_vn_inherit (tag, vid);

-- Traits with the traits above them.
create table traits_chars (
  cid text not null references chars (id),
  tid text not null references traits (id),
  spoil smallint not null,
  lie boolean not null,
  primary key (cid, tid)
);

create index traits_chars_by_trait on traits_chars (tid, cid);

create table tag_stats (
  id text primary key references tags (id),
  items integer not null
);

create table trait_stats (
  id text primary key references traits (id),
  items integer not null
);

-- Visual novels and releases, as in VNDB's dump (docs/reference/data-model.md says what differs and why).
-- Statements are separated by blank lines.
create table entry_meta (
  id text primary key,
  created date not null,
  lastmod date not null,
  revision integer not null check (revision > 0),
  num_edits integer not null,
  num_users integer not null
);

create sequence vn_number;

create table vn (
  id text primary key check (id ~ '^v[1-9][0-9]{0,6}$'),
  image text check (image ~ '^cv[1-9][0-9]*$'),
  olang text not null,
  length smallint not null check (length between 0 and 5),
  devstatus smallint not null check (devstatus between 0 and 2),
  alias text not null,
  description text not null,
  deleted_at timestamptz,
  deleted_by text,
  check ((deleted_at is null) = (deleted_by is null))
);

create table vn_titles (
  id text not null references vn (id),
  lang text not null,
  official boolean not null,
  title text not null check (title <> ''),
  latin text,
  primary key (id, lang)
);

-- An entry has a title in its original language; checked when the transaction ends.
alter table vn add foreign key (id, olang) references vn_titles (id, lang) deferrable initially deferred;

-- Figures VNDB derives and dumps: kept apart from what people edit, so that they can be derived here later.
create table vn_stats (
  id text primary key references vn (id),
  cover text check (cover ~ '^cv[1-9][0-9]*$'),
  votecount integer not null,
  rating smallint,
  average smallint,
  length smallint,
  lengthnum smallint not null
);

create sequence release_number;

create table releases (
  id text primary key check (id ~ '^r[1-9][0-9]{0,6}$'),
  gtin bigint not null,
  olang text not null,
  released integer not null,
  voiced smallint not null check (voiced between 0 and 4),
  reso_x smallint not null,
  reso_y smallint not null,
  minage smallint check (minage between 0 and 18),
  ani_story smallint not null,
  ani_ero smallint not null,
  ani_story_sp smallint,
  ani_story_cg smallint,
  ani_cutscene smallint,
  ani_ero_sp smallint,
  ani_ero_cg smallint,
  ani_bg boolean,
  ani_face boolean,
  has_ero boolean not null,
  patch boolean not null,
  freeware boolean not null,
  uncensored boolean,
  official boolean not null,
  catalog text not null,
  notes text not null,
  engine integer
);

create table releases_titles (
  id text not null references releases (id),
  lang text not null,
  mtl boolean not null,
  title text,
  latin text,
  primary key (id, lang)
);

alter table releases add foreign key (id, olang) references releases_titles (id, lang) deferrable initially deferred;

create table releases_vn (
  id text not null references releases (id),
  vid text not null references vn (id),
  rtype text not null check (rtype in ('complete', 'partial', 'trial')),
  primary key (id, vid)
);

create index releases_vn_by_vn on releases_vn (vid, id);

-- How often each visual novel changed: what the event-handler counts.
create table vn_activity (
  id text primary key,
  changes integer not null,
  last_change_at timestamptz not null
);

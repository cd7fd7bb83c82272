-- The rest of VNDB's data: every table of its dump, with its names (docs/reference/data-model.md says what differs and why).
-- Enumerations are text, checked where entries are edited and imported, so that a new word of VNDB's needs no migration.
-- References that VNDB's own dump leaves dangling have no foreign key: the far side may be hidden there.
alter table vn
  add column hidden boolean not null default false,
  add column locked boolean not null default false;

alter table releases
  alter column ani_story set default 0,
  alter column ani_ero set default 0,
  add column hidden boolean not null default false,
  add column locked boolean not null default false,
  add column deleted_at timestamptz,
  add column deleted_by text,
  add check ((deleted_at is null) = (deleted_by is null));

create table users (
  id text primary key check (id ~ '^u[1-9][0-9]{0,6}$'),
  ign_votes boolean not null,
  perm_imgvote boolean not null,
  perm_tag boolean not null,
  perm_lengthvote boolean not null,
  username text,
  deleted_at timestamptz,
  deleted_by text,
  check ((deleted_at is null) = (deleted_by is null))
);

create table images (
  id text primary key check (id ~ '^(cv|ch|sf)[1-9][0-9]{0,7}$'),
  width smallint not null,
  height smallint not null
);

create table extlinks (
  id integer primary key,
  site text not null,
  value text not null,
  unique (site, value)
);

create table anime (
  id integer primary key,
  ann_id integer[],
  type text,
  year smallint,
  title_romaji text,
  title_kanji text,
  mal_id integer[]
);

create table wikidata (
  id integer primary key,
  enwiki text,
  jawiki text,
  website text[],
  vndb text[],
  mobygames text[],
  mobygames_company text[],
  gamefaqs_game integer[],
  gamefaqs_company integer[],
  anidb_anime integer[],
  anidb_person integer[],
  ann_anime integer[],
  ann_manga integer[],
  musicbrainz_artist uuid[],
  twitter text[],
  vgmdb_product integer[],
  vgmdb_artist integer[],
  discogs_artist integer[],
  acdb_char integer[],
  acdb_source integer[],
  indiedb_game text[],
  howlongtobeat integer[],
  crunchyroll text[],
  igdb_game text[],
  giantbomb text[],
  pcgamingwiki text[],
  steam integer[],
  gog text[],
  pixiv_user integer[],
  doujinshi_author integer[],
  soundcloud text[],
  humblestore text[],
  itchio text[],
  playstation_jp text[],
  playstation_na text[],
  playstation_eu text[],
  lutris text[],
  wine integer[],
  mobygames_game integer[]
);

create table drm (
  id integer primary key,
  disc boolean not null,
  cdkey boolean not null,
  activate boolean not null,
  alimit boolean not null,
  account boolean not null,
  online boolean not null,
  cloud boolean not null,
  physical boolean not null,
  name text not null,
  description text not null,
  unique (name)
);

create table engines (
  id integer primary key,
  name text not null,
  description text not null,
  unique (name)
);

create table docs (
  id text primary key check (id ~ '^d[1-9][0-9]{0,6}$'),
  title text not null,
  content text not null,
  hidden boolean not null default false,
  locked boolean not null default false,
  deleted_at timestamptz,
  deleted_by text,
  check ((deleted_at is null) = (deleted_by is null))
);

create table tags (
  id text primary key check (id ~ '^g[1-9][0-9]{0,6}$'),
  cat text not null,
  defaultspoil smallint not null check (defaultspoil between 0 and 2),
  searchable boolean not null,
  applicable boolean not null,
  name text not null,
  alias text not null,
  description text not null,
  hidden boolean not null default false,
  locked boolean not null default false,
  deleted_at timestamptz,
  deleted_by text,
  check ((deleted_at is null) = (deleted_by is null))
);

create table tags_parents (
  id text not null references tags (id),
  parent text not null references tags (id),
  main boolean not null,
  primary key (id, parent)
);

create table traits (
  id text primary key check (id ~ '^i[1-9][0-9]{0,6}$'),
  gid text references traits (id),
  gorder smallint not null,
  defaultspoil smallint not null check (defaultspoil between 0 and 2),
  sexual boolean not null,
  searchable boolean not null,
  applicable boolean not null,
  name text not null,
  alias text not null,
  description text not null,
  hidden boolean not null default false,
  locked boolean not null default false,
  deleted_at timestamptz,
  deleted_by text,
  check ((deleted_at is null) = (deleted_by is null))
);

create table traits_parents (
  id text not null references traits (id),
  parent text not null references traits (id),
  main boolean not null,
  primary key (id, parent)
);

create table producers (
  id text primary key check (id ~ '^p[1-9][0-9]{0,6}$'),
  type text not null,
  lang text not null,
  name text not null,
  latin text,
  alias text not null,
  description text not null,
  hidden boolean not null default false,
  locked boolean not null default false,
  deleted_at timestamptz,
  deleted_by text,
  check ((deleted_at is null) = (deleted_by is null))
);

create table producers_relations (
  id text not null references producers (id),
  pid text not null,
  relation text not null,
  primary key (id, pid)
);

create table producers_extlinks (
  id text not null references producers (id),
  link integer not null references extlinks (id),
  primary key (id, link)
);

create table staff (
  id text primary key check (id ~ '^s[1-9][0-9]{0,6}$'),
  gender text not null,
  lang text not null,
  main integer not null,
  description text not null,
  prod text references producers (id),
  hidden boolean not null default false,
  locked boolean not null default false,
  deleted_at timestamptz,
  deleted_by text,
  check ((deleted_at is null) = (deleted_by is null))
);

create table staff_alias (
  id text not null references staff (id),
  aid integer primary key,
  name text not null,
  latin text
);

create table staff_extlinks (
  id text not null references staff (id),
  link integer not null references extlinks (id),
  primary key (id, link)
);

create table vn_relations (
  id text not null references vn (id),
  vid text not null,
  relation text not null,
  official boolean not null,
  primary key (id, vid)
);

create table vn_anime (
  id text not null references vn (id),
  aid integer not null references anime (id),
  primary key (id, aid)
);

create table vn_editions (
  id text not null references vn (id),
  lang text,
  eid smallint not null,
  official boolean not null,
  name text not null,
  primary key (id, eid)
);

create table vn_extlinks (
  id text not null references vn (id),
  link integer not null references extlinks (id),
  primary key (id, link)
);

create table vn_screenshots (
  id text not null references vn (id),
  scr text not null references images (id),
  rid text,
  primary key (id, scr)
);

create table releases_drm (
  id text not null references releases (id),
  drm integer not null references drm (id),
  notes text not null,
  primary key (id, drm)
);

create table releases_extlinks (
  id text not null references releases (id),
  link integer not null references extlinks (id),
  primary key (id, link)
);

create table releases_images (
  id text not null references releases (id),
  img text not null references images (id),
  vid text,
  itype text not null,
  lang text[],
  primary key (id, img),
  foreign key (id, vid) references releases_vn (id, vid) deferrable initially deferred
);

create table releases_media (
  id text not null references releases (id),
  medium text not null,
  qty smallint not null check (qty >= 0),
  primary key (id, medium, qty)
);

create table releases_platforms (
  id text not null references releases (id),
  platform text not null,
  primary key (id, platform)
);

create table releases_producers (
  id text not null references releases (id),
  pid text not null references producers (id),
  developer boolean not null,
  publisher boolean not null,
  primary key (id, pid)
);

create table releases_supersedes (
  id text not null references releases (id),
  rid text not null references releases (id),
  primary key (id, rid)
);

create table chars (
  id text primary key check (id ~ '^c[1-9][0-9]{0,6}$'),
  image text references images (id),
  bloodt text not null,
  cup_size text not null,
  sex text not null,
  spoil_sex text,
  gender text,
  spoil_gender text,
  main text,
  main_spoil smallint not null check (main_spoil between 0 and 2),
  s_bust smallint not null,
  s_waist smallint not null,
  s_hip smallint not null,
  birthday smallint check (birthday between 101 and 1231),
  height smallint not null,
  weight smallint,
  age smallint,
  description text not null,
  hidden boolean not null default false,
  locked boolean not null default false,
  deleted_at timestamptz,
  deleted_by text,
  check ((deleted_at is null) = (deleted_by is null))
);

create table chars_alias (
  id text not null references chars (id),
  spoil smallint not null check (spoil between 0 and 2),
  name text not null,
  latin text,
  primary key (id, name)
);

create table chars_names (
  id text not null references chars (id),
  lang text not null,
  name text not null,
  latin text,
  primary key (id, lang)
);

create table chars_traits (
  id text not null references chars (id),
  tid text not null references traits (id),
  spoil smallint not null check (spoil between 0 and 2),
  lie boolean not null,
  primary key (id, tid)
);

create table chars_vns (
  id text not null references chars (id),
  vid text not null references vn (id),
  rid text references releases (id),
  role text not null,
  spoil smallint not null check (spoil between 0 and 2),
  unique nulls not distinct (id, vid, rid)
);

create table vn_staff (
  id text not null references vn (id),
  aid integer not null references staff_alias (aid) deferrable initially deferred,
  role text not null,
  eid smallint,
  note text not null,
  unique nulls not distinct (id, eid, aid, role),
  foreign key (id, eid) references vn_editions (id, eid) deferrable initially deferred
);

create table vn_seiyuu (
  id text not null references vn (id),
  cid text not null references chars (id),
  aid integer not null references staff_alias (aid) deferrable initially deferred,
  note text not null,
  primary key (id, aid, cid)
);

create table quotes (
  id text primary key check (id ~ '^q[1-9][0-9]{0,6}$'),
  vid text not null references vn (id),
  cid text,
  score smallint not null default 0,
  quote text not null,
  hidden boolean not null default false,
  locked boolean not null default false,
  deleted_at timestamptz,
  deleted_by text,
  check ((deleted_at is null) = (deleted_by is null))
);

create table tags_vn (
  date date not null,
  tag text not null references tags (id),
  vid text not null references vn (id),
  uid text references users (id),
  vote smallint not null check (vote between -3 and 3 and vote <> 0),
  spoiler smallint check (spoiler between 0 and 2),
  ignore boolean not null,
  lie boolean,
  notes text not null,
  unique (tag, vid, uid)
);

create table image_votes (
  id text not null references images (id),
  uid text references users (id),
  date date not null,
  sexual smallint not null check (sexual between 0 and 2),
  violence smallint not null check (violence between 0 and 2),
  ignore boolean not null,
  unique (uid, id)
);

create table vn_image_votes (
  vid text not null references vn (id),
  uid text not null references users (id),
  img text not null references images (id),
  primary key (vid, uid, img)
);

create table vn_length_votes (
  vid text not null references vn (id),
  uid text references users (id),
  date date not null,
  length smallint not null check (length > 0),
  speed smallint check (speed between 0 and 2),
  rid text[] not null,
  notes text not null,
  lang text[]
);

create table ulist_labels (
  uid text not null references users (id),
  id smallint not null check (id > 0),
  label text not null,
  primary key (uid, id),
  unique (uid, label)
);

create table ulist_vns (
  uid text not null references users (id),
  vid text not null references vn (id),
  added date not null,
  lastmod date not null,
  vote_date date,
  started date,
  finished date,
  vote smallint check (vote between 10 and 100),
  notes text not null,
  labels smallint[] not null,
  primary key (uid, vid)
);

create table rlists (
  uid text not null references users (id),
  rid text not null,
  added date not null,
  status smallint not null check (status between 0 and 4),
  primary key (uid, rid)
);

-- A staff entry has its main alias, and an alias that is credited stays; checked when the transaction ends.
alter table staff add foreign key (main) references staff_alias (aid) deferrable initially deferred;

create unique index users_by_name on users (lower(username));

-- Looked up from the far side: by the views that embed it, and by checks before something goes.
create index releases_producers_by_producer on releases_producers (pid, id);

create index releases_images_by_image on releases_images (img, id);

create index releases_supersedes_by_release on releases_supersedes (rid, id);

create index releases_extlinks_by_link on releases_extlinks (link, id);

create index vn_extlinks_by_link on vn_extlinks (link, id);

create index staff_extlinks_by_link on staff_extlinks (link, id);

create index producers_extlinks_by_link on producers_extlinks (link, id);

create index vn_relations_by_vn on vn_relations (vid, id);

create index vn_screenshots_by_image on vn_screenshots (scr, id);

create index vn_screenshots_by_release on vn_screenshots (rid, id);

create index vn_staff_by_vn on vn_staff (id);

create index vn_staff_by_alias on vn_staff (aid, id);

create index vn_seiyuu_by_alias on vn_seiyuu (aid, id);

create index vn_seiyuu_by_character on vn_seiyuu (cid, id);

create index producers_relations_by_producer on producers_relations (pid, id);

create index staff_alias_by_staff on staff_alias (id, aid);

create index staff_by_producer on staff (prod, id);

create index chars_by_image on chars (image, id);

create index chars_by_main on chars (main, id);

create index chars_vns_by_vn on chars_vns (vid, id);

create index chars_vns_by_release on chars_vns (rid, id);

create index chars_traits_by_trait on chars_traits (tid, id);

create index tags_parents_by_parent on tags_parents (parent, id);

create index traits_parents_by_parent on traits_parents (parent, id);

create index traits_by_group on traits (gid, id);

create index quotes_by_vn on quotes (vid, id);

create index quotes_by_character on quotes (cid, id);

create index tags_vn_by_vn on tags_vn (vid, tag);

create index tags_vn_by_user on tags_vn (uid, vid);

create index image_votes_by_image on image_votes (id);

create index vn_image_votes_by_user on vn_image_votes (uid, vid);

create index vn_length_votes_by_vn on vn_length_votes (vid);

create index vn_length_votes_by_user on vn_length_votes (uid, vid);

create index ulist_vns_by_vn on ulist_vns (vid, uid);

create index rlists_by_release on rlists (rid, uid);

-- What is neither deleted nor hidden: what everybody but editors reads.
create view active_vn as select * from vn where deleted_at is null and not hidden;

create view active_releases as select * from releases where deleted_at is null and not hidden;

create view active_producers as select * from producers where deleted_at is null and not hidden;

create view active_chars as select * from chars where deleted_at is null and not hidden;

create view active_staff as select * from staff where deleted_at is null and not hidden;

create view active_tags as select * from tags where deleted_at is null and not hidden;

create view active_traits as select * from traits where deleted_at is null and not hidden;

create view active_quotes as select * from quotes where deleted_at is null and not hidden;

create view active_docs as select * from docs where deleted_at is null and not hidden;

create view active_users as select * from users where deleted_at is null;

create sequence producer_number;

create sequence character_number;

create sequence staff_number;

create sequence staff_alias_number as integer;

create sequence tag_number;

create sequence trait_number;

create sequence quote_number;

create sequence doc_number;

create sequence extlink_number as integer;

-- Every revision of every entry that was edited here. Of an imported entry the revision before its first edit is added with
-- that edit, so that importing half a million entries does not double them.
create table entry_revisions (
  id text not null references entry_meta (id),
  revision integer not null check (revision > 0),
  at timestamptz not null,
  by text not null,
  action text not null,
  summary text not null,
  content jsonb not null,
  primary key (id, revision)
);

create index entry_revisions_by_editor on entry_revisions (by, at desc);

alter table entry_meta
  alter column created type timestamptz using created::timestamptz,
  alter column lastmod type timestamptz using lastmod::timestamptz;

-- What a dump says of figures that are derived from data it was not imported with, such as the votes of lists.
create table vn_dumped (
  id text primary key references vn (id),
  image text,
  votecount integer not null,
  average smallint,
  rating smallint,
  length smallint,
  lengthnum smallint not null
);

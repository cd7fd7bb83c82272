-- Who may do what: the attributes that decide, one word of each axis. Somebody without a row has those of a newcomer.
create table accounts (
  name text primary key,
  -- Whose lists and votes the account's are; numbers of our own begin where VNDB's can never come.
  uid text unique references users (id),
  community text not null default 'normal' check (community in ('suspended', 'normal', 'moderator')),
  wiki text not null default 'contributor' check (wiki in ('editing_suspended', 'contributor', 'editor', 'trusted_editor')),
  sponsorship text not null default 'none' check (sponsorship in ('none', 'backup_sponsor', 'sponsor', 'premium_sponsor')),
  administration text not null default 'none' check (administration in ('none', 'admin', 'owner')),
  verification text not null default 'none' check (verification in (
    'none', 'official_account', 'commenter', 'employee', 'independent_creator', 'site_administrator'
  )),
  created_at timestamptz not null
);

create sequence user_number start 5000000;

-- Labels that only their owner sees.
alter table ulist_labels add column private boolean not null default false;

-- Tokens with which programs ask in the name of somebody. Only a digest is kept: whoever reads this table cannot use them.
create table api_tokens (
  -- SHA-256 of the token's bytes, in hex.
  id text primary key check (id ~ '^[0-9a-f]{64}$'),
  uid text not null references users (id),
  listread boolean not null,
  listwrite boolean not null,
  created_at timestamptz not null
);

create index api_tokens_by_user on api_tokens (uid);

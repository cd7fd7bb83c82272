-- Messages that were given up, collected from the bus or put here by a consumer that parks what follows behind them.
create sequence kanau.dead_letter_numbers;

create table kanau.dead_letters (
  number bigint primary key default nextval('kanau.dead_letter_numbers'),
  queue text not null,
  -- What the bus calls this giving up.
  letter text not null,
  message_id text not null,
  type text not null,
  subject text not null,
  -- The name of the error, by which letters are grouped.
  fault text not null,
  reason text not null,
  error text not null,
  attempts integer not null check (attempts >= 0),
  died_at timestamptz not null,
  -- `parked` until somebody acts, `redriving` while it is sent, `redriven` once the bus has it, `resolved` when its
  -- consumer said so, `failed-again` when it came back as another letter.
  state text not null default 'parked'
    check (state in ('parked', 'redriving', 'redriven', 'resolved', 'failed-again')),
  -- Order of redriving. A message that fails again keeps the place it had.
  place bigint not null,
  -- Whether later messages of its subject wait behind it.
  holds boolean not null,
  -- Text, because it may hold anything a stranger put on a queue.
  attributes text not null,
  data bytea not null,
  -- What was done with it, oldest first.
  history jsonb not null default '[]',
  unique (queue, letter)
);

alter sequence kanau.dead_letter_numbers owned by kanau.dead_letters.number;

create index dead_letters_by_place on kanau.dead_letters (place) where state in ('parked', 'redriving');

create index dead_letters_held on kanau.dead_letters (queue, subject, place)
  where holds and state in ('parked', 'redriving', 'redriven');

create index dead_letters_by_message on kanau.dead_letters (queue, message_id);

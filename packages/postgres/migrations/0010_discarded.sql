-- Messages a consumer gave up for good without an effect, such as an order about something that was deleted. They are
-- accounted for, and delivered again they are handled again.
alter table kanau.inbox add column discarded boolean not null default false;

-- A purged letter leaves its name behind, so that its message is accounted for.
alter table kanau.dead_letters drop constraint dead_letters_state_check;

alter table kanau.dead_letters add constraint dead_letters_state_check
  check (state in ('parked', 'redriving', 'redriven', 'resolved', 'failed-again', 'purged'));

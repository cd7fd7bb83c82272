-- Messages choose their wire format. What was written before is JSON.
alter table kanau.events add column content_type text not null default 'application/json';

-- Changes of tables become events, whoever writes: triggers call kanau.capture_change, which appends to the event log and
-- the pending list in the writer's own transaction. ChangeBridge.install makes the triggers.

-- When a change last woke the relays, in steps of 50 milliseconds.
create sequence kanau.change_nudges;

-- One change as an event. `subject` is the ordering key: the table and the values of the key columns.
create function kanau.log_change(
  label text, type text, source text, key_columns text[], operation text, key jsonb, before jsonb, after jsonb,
  changed jsonb
) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  place constant bigint := nextval('kanau.event_positions');
  path text := (
    select string_agg(coalesce(replace(replace(key ->> name, '%', '%25'), '/', '%2F'), '%0'), '/' order by n)
    from unnest(key_columns) with ordinality part(name, n)
  );
begin
  if octet_length(path) > 1000 then path := md5(path); end if;
  if key is null then path := null; end if;
  insert into kanau.events (position, id, type, source, subject, version, time, correlation_id, data)
  values (place, gen_random_uuid(), type, source, concat_ws('/', label, path), '1', clock_timestamp(), '-',
    convert_to(jsonb_build_object('operation', operation, 'table', label, 'key', key, 'new', after, 'old', before,
      'changed', changed, 'unchanged', '[]'::jsonb, 'order', place::text)::text, 'UTF8'));
  insert into kanau.pending (position, subject) values (place, concat_ws('/', label, path));
end $$;

-- The members of a row that are in a list.
create function kanau.pick(fields jsonb, names text[]) returns jsonb language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select case when fields is not null then
    coalesce(jsonb_object_agg(name, fields -> name) filter (where fields ? name), '{}')
  end from unnest(names) name
$$;

-- Arguments: the table as it is called in messages, message type, source, key columns, and the columns to publish
-- (empty: all). Runs as its owner, so that writers need no rights on this schema; and in a fixed time zone and style,
-- so that a message does not depend on the writer's session.
create function kanau.capture_change() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp set timezone = 'UTC' set intervalstyle = 'postgres' set bytea_output = 'hex'
set extra_float_digits = 1 as $$
declare
  key_columns constant text[] := tg_argv[3];
  published constant text[] := nullif(tg_argv[4], '');
  before jsonb := case when tg_op in ('UPDATE', 'DELETE') then to_jsonb(old) end;
  after jsonb := case when tg_op in ('INSERT', 'UPDATE') then to_jsonb(new) end;
  key_before constant jsonb := kanau.pick(before, key_columns);
  key_after constant jsonb := kanau.pick(after, key_columns);
  changed text[];
  step bigint;
begin
  if published is not null then
    before := kanau.pick(before, published);
    after := kanau.pick(after, published);
  end if;
  if tg_op = 'TRUNCATE' then
    perform kanau.log_change(tg_argv[0], tg_argv[1], tg_argv[2], key_columns, 'truncate', null, null, null, null);
  elsif key_before = key_after then
    changed := array(
      select name from jsonb_each(after) member(name, value) where value is distinct from before -> name order by name
    );
    perform kanau.log_change(tg_argv[0], tg_argv[1], tg_argv[2], key_columns, 'update', key_after,
      kanau.pick(before, changed), after, to_jsonb(changed));
  else
    if before is not null then
      perform kanau.log_change(tg_argv[0], tg_argv[1], tg_argv[2], key_columns, 'delete', key_before, before, null, null);
    end if;
    if after is not null then
      perform kanau.log_change(tg_argv[0], tg_argv[1], tg_argv[2], key_columns, 'insert', key_after, null, after, null);
    end if;
  end if;
  -- A NOTIFY takes a lock of the whole server until its transaction has committed, so at most
  -- twenty in a second do; the bridge wakes the relays once more after each.
  step := extract(epoch from clock_timestamp()) * 20;
  if step <> (select last_value from kanau.change_nudges) then
    perform setval('kanau.change_nudges', step);
    perform pg_notify('kanau_outbox', 'change');
  end if;
  return null;
end $$;

-- Whoever may attach it to a table can publish what he likes.
revoke all on function kanau.capture_change() from public;

-- Replication slots that were made, so that a lost one is noticed.
create table kanau.bridge_slots (
  slot text primary key,
  made_at timestamptz not null default now()
);

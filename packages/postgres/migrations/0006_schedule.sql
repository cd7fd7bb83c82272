-- Jobs of timetables, and the due times that were fired. All due times of a job up to `reached` are decided, fired or
-- skipped; a job that is no longer in its timetable stays, with the time when that was noticed.
create table kanau.schedule_jobs (
  timetable text not null,
  job text not null,
  calendar text not null,
  catch_up text not null,
  reached timestamptz not null,
  next_due timestamptz not null,
  last_due timestamptz,
  last_fired_at timestamptz,
  last_signal_id text,
  removed_at timestamptz,
  primary key (timetable, job)
);

-- A due time that was fired; written in the transaction that appends its signal.
create table kanau.schedule_stamps (
  timetable text not null,
  job text not null,
  due timestamptz not null,
  by_hand boolean not null,
  fired_at timestamptz not null,
  signal_id text not null,
  position bigint not null,
  primary key (timetable, job, due, by_hand)
);

create index schedule_stamps_by_age on kanau.schedule_stamps (timetable, fired_at);

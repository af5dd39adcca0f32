-- How an area ended, for everybody who looks up what a place was; of those before this was kept nobody knows.
alter table zones add column ended_how {text};

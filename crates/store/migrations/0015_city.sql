-- The city is asked for by every command.
create index divisions_level on divisions (level, code);

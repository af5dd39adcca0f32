-- Of how many drives of the plan a file or a router told the time; the built-in model told the others.
alter table dispatched add column legs {whole} not null default 0;
alter table dispatched add column legs_told {whole} not null default 0;

-- Unit and door at which somebody is picked up, where that is not the door of the roster.
alter table transfers add column door {text};

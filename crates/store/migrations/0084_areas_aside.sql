-- An area can be suspended for an appeal, as an order can: for as long as that is open it names the appeal and binds nobody.
alter table zones add column aside {text};
create index zones_aside on zones (building) where aside is not null;

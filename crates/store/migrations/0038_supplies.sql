-- What was promised of a stock on each day: how fast it goes, without counting parcels when somebody looks.
create table supply_burn (
    key {text} not null, day {day} not null, units {whole} not null, primary key (key, day), check (units >= 0)
){strict};
insert into supply_burn (key, day, units)
    select s.key, p.day, sum(p.units) from parcels p join supplies s on s.depot = p.depot and s.item = p.item group by s.key, p.day;

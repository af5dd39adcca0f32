create trigger bed_stays_take after insert on bed_stays when new.released_at is null begin
    update beds set taken = 1 where bed = new.bed;
end;
create trigger bed_stays_turn after update on bed_stays
    when old.bed <> new.bed or (old.released_at is null) <> (new.released_at is null) begin
    update beds set taken = 0 where bed = old.bed and old.released_at is null;
    update beds set taken = 1 where bed = new.bed and new.released_at is null;
end;
create trigger bed_stays_gone after delete on bed_stays when old.released_at is null begin
    update beds set taken = 0 where bed = old.bed;
end;

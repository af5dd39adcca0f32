create trigger site_tubes_no_update before update on site_tubes begin select raise(abort, 'site_tubes are append-only'); end;
create trigger site_tubes_no_delete before delete on site_tubes begin select raise(abort, 'site_tubes are append-only'); end;

create trigger packings_no_update before update on packings begin select raise(abort, 'packings are append-only'); end;
create trigger packings_no_delete before delete on packings begin select raise(abort, 'packings are append-only'); end;
create trigger box_moves_no_update before update on box_moves begin select raise(abort, 'box_moves are append-only'); end;
create trigger box_moves_no_delete before delete on box_moves begin select raise(abort, 'box_moves are append-only'); end;
create trigger box_checks_no_update before update on box_checks begin select raise(abort, 'box_checks are append-only'); end;
create trigger box_checks_no_delete before delete on box_checks begin select raise(abort, 'box_checks are append-only'); end;

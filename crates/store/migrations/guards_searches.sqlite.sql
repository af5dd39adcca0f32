create trigger results_by_hand_no_update before update on results_by_hand begin select raise(abort, 'results_by_hand are append-only'); end;
create trigger results_by_hand_no_delete before delete on results_by_hand begin select raise(abort, 'results_by_hand are append-only'); end;

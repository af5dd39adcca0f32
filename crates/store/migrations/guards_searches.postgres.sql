create trigger results_by_hand_no_change before update or delete on results_by_hand for each row execute function append_only();

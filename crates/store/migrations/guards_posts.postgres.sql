create trigger posts_no_change before update or delete on posts for each row execute function append_only();

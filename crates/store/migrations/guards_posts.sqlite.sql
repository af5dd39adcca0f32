create trigger posts_no_update before update on posts begin select raise(abort, 'posts are append-only'); end;
create trigger posts_no_delete before delete on posts begin select raise(abort, 'posts are append-only'); end;

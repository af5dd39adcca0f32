create trigger exposure_sites_no_update before update on exposure_sites for each row
    when (old.id <> new.id or old.case_id <> new.case_id or old.place <> new.place or old.from_at <> new.from_at or old.until_at <> new.until_at
        or old.gone_on <> new.gone_on or old.state in ('refused', 'withdrawn'))
    execute function append_only();

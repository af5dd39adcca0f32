create trigger message_choices_no_update before update on message_choices for each row execute function append_only();
create trigger message_choices_no_delete before delete on message_choices for each row execute function append_only();
create trigger sendings_no_update before update on sendings for each row
    when (old.id <> new.id or old.kind <> new.kind or old.day <> new.day or old.people <> new.people or old.made_by <> new.made_by
        or old.made_at <> new.made_at or old.state = 'stopped' or new.state in ('goes', 'waits'))
    execute function append_only();
create trigger sendings_no_delete before delete on sendings for each row execute function append_only();
create trigger messages_no_update before update on messages for each row
    when (old.id <> new.id or old.sending <> new.sending or old.kind <> new.kind or old.followed <> new.followed or old.choice <> new.choice
        or old.person <> new.person or old.day <> new.day or old.recalls is distinct from new.recalls or old.queued_at <> new.queued_at
        or (old.hash is not null and old.hash is distinct from new.hash) or (old.gone_on is not null and new.gone_on is null)
        or (new.gone_on is null and (old.number is distinct from new.number or (old.text is not null and old.text is distinct from new.text)))
        or (old.state <> new.state and not ((old.state = 'queued' and new.state in ('sent', 'failed', 'recalled'))
            or (old.state = 'sent' and new.state in ('delivered', 'failed', 'recalled')) or (old.state = 'delivered' and new.state = 'recalled'))))
    execute function append_only();
create trigger messages_no_delete before delete on messages for each row execute function append_only();
create trigger message_replies_no_update before update on message_replies for each row
    when (old.id <> new.id or old.given_id <> new.given_id or old.digest <> new.digest or old.state <> new.state
        or old.person is distinct from new.person or old.at <> new.at or old.received_at <> new.received_at or new.gone_on is null)
    execute function append_only();
create trigger message_replies_no_delete before delete on message_replies for each row execute function append_only();

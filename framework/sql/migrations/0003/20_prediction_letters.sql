-- Predictions are at no position, 0: of those that are set aside, what tells one from another is the id.
alter table @schema@.dead_letters drop constraint dead_letters_event_key;

alter table @schema@.dead_letters
    add constraint dead_letters_event_key unique (processor, position, part, event_id);

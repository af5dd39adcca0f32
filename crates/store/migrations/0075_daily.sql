-- The daily record of whoever lies in a facility is an assessment with more to it.
alter table assessments add column temperature {real};
alter table assessments add column oxygen {whole};
alter table assessments add column symptoms {text};
alter table assessments add column relieved {text};
alter table assessments add column lungs_improved {text};
alter table assessments add column lesions_healed {text};
alter table assessments add column said_by {text};
create index assessments_at on assessments (assessed_at, key);

-- One person under two ids: of two open cases one stands, of two orders one binds. The other keeps everything it came with and is
-- set aside, beside what stands for it, so that a split finds it as it was.
alter table cases add column aside {text};
alter table orders add column aside {text};
create index cases_aside on cases (aside) where aside is not null;
create index orders_aside on orders (aside) where aside is not null;

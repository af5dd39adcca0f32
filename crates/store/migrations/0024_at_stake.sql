-- Who is bound, by number: asked for everybody with a swab in the tubes of a call, of whom hardly anybody is.
create index orders_bound on orders (person_no) where state = 'active';

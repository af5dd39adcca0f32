-- What taking a swab costs in a round: staff, material and the way of the tubes, in the money of the laboratories' prices.
alter table rounds add column swab_price {real};

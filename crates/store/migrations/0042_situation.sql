-- Where the outbreak stands: infections by the day on which they were found, added up beside the line, and what follows from them.

-- Cases by the day on which they were found and the community; of them those who were under isolation, or came from abroad, already.
create table found_days (
    day {day} not null, division {text} not null, held {whole} not null, n {whole} not null, primary key (day, division, held)
){strict};
-- How long cases of a day had been on their way until they were found, in days: since the sample, since the onset.
create table found_lags (
    day {day} not null, division {text} not null, since {text} not null, lag {whole} not null, n {whole} not null,
    primary key (day, division, since, lag)
){strict};
create table found_counted (
    one {whole} primary key check (one = 1), at {instant} not null, whole_on {day} not null, first_day {day} not null
);

-- The situation of the city and of each district as it was worked out last. What only whole days tell rests on its basis, and is
-- worked out again when that changes.
create table situations (
    division {text} primary key, day {day} not null, made_at {instant} not null, basis {text} not null, body {text} not null
){strict};

-- Where infections are found: in the community, or among people who are held already; by district, township and community.
create table clearings (
    division {text} primary key, level {text} not null, found_7 {whole} not null, community_7 {whole} not null,
    found_14 {whole} not null, community_14 {whole} not null, last_found_on {day}, last_community_on {day},
    clear_days {whole}, clear_on {day}, state {text} not null, recalls {whole} not null, areas {whole} not null, day {day} not null
){strict};

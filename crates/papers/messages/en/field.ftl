## Words of the stations' pages: map, contacts, transfers, facilities, laboratories, areas, requests.

map-show = Colour the districts by
map-found = Positives found
map-moving = Positives to move
map-overdue = Overdue items
map-figures-said = Figures of {$day}, by district
map-division-said = Areas, places and sampling sites as they stand
map-whole = The whole city
map-whole-said = Outlines of the districts, coloured by the figure; the list below says the same. {$areas ->
    [one] One risk area stands.
   *[other] {$areas} risk areas stand.
}
map-centre = The central districts
map-centre-said = The central districts with areas, facilities and laboratories. {$areas ->
    [one] One risk area stands in the city.
   *[other] {$areas} risk areas stand in the city.
}
map-drawn-said = Drawn here: {$areas} areas, {$places} places, {$sites} sampling sites; the lists below name them.
map-not-yours = outside your duty, or not known
map-source = Outlines: map data of ECharts 4.9.0 (Apache-2.0), simplified; they may be off by 600 m and are for display only. Laboratories stand at the seat of their district, sampling sites in the middle of their community.
map-layer-districts = Districts
map-layer-areas = Risk areas
map-layer-facilities = Facilities and laboratories
map-layer-sites = Sampling sites
map-closer = Closer
map-farther = Farther
map-close = Close
map-open = Open
map-look-closer = Look closer
map-laboratory = Laboratory
map-beds-said = {$free} of {$beds} beds free
map-waiting-said = {$count ->
    [one] One tube waits
   *[other] {$count} tubes wait
}
map-at-seat = Drawn at the seat of its district
map-at-middle = Drawn in the middle of its community
map-many-areas = {$count} risk areas close together
map-many-places = {$count} places close together
map-site-said = {$place}, {$count ->
    [one] one tube today
   *[other] {$count} tubes today
}
map-site-drawn = Sampling site {$site}: {$count ->
    [one] one tube today
   *[other] {$count} tubes today
}
map-sites-said = {$count ->
    [one] One site with tubes today
   *[other] {$count} sites with tubes today
}
map-as-list = The map as a list
map-below-said = What lies within, and what stands there
map-open-cases = Open cases
map-bound = People bound
map-no-areas = No risk area stands here.
map-places = Facilities and laboratories
map-no-places = None that your duty shows stand here.

area-unit = unit {$unit}
area-ends-said = ends by itself on {$day}
area-people-said = {$count ->
    [one] one person bound
   *[other] {$count} people bound
}


as-list = As a list
optional = (optional)
nobody-yet = nobody yet
live-paused = Paused while this page is hidden
live-ended = No longer current: load the page again

map-areas-said = {$areas ->
    [one] One risk area is drawn.
   *[other] {$areas} risk areas are drawn.
} The list beside says the same.
map-rest = {$count ->
    [one] One more district: nothing moved there
   *[other] {$count} more districts: nothing moved there
}

transfers-by-state = By state
transfers-overdue-said = {$count ->
    [one] One transfer is overdue
   *[other] {$count} transfers are overdue
}
transfers-columns = Board, a column for each state
transfers-none = Nobody.
transfers-all = All of them as a list
transfers-admitted-today = Admitted today
transfers-ended = Refused or cancelled today
transfers-admitted-said = admitted {$at}
transfers-vehicle-said = vehicle {$vehicle}
transfers-plan-door = Planned: at the door {$at}
transfers-plan-not-picked-up = Planned at the door {$at}; nobody has reported a pick-up
transfers-plan-there = By the plan there at {$at}
transfers-plan-not-admitted = Planned there {$at}; nobody has confirmed it
transfers-plan-way = {$percent} % of the planned way
transfers-plan-honest = Times are those of the plan. Vehicles whose crews use the driver’s page say where they are.
transfers-planned = planned
transfers-reported = reported
transfers-steps = Course
transfers-step-needed = Transfer needed
transfers-step-door = At the door
transfers-step-there = At the facility
transfers-step-ended = Ended
transfers-beds = Beds that suit
transfers-beds-said = Free beds that fit the person by the rules, the nearest of each kind first. Nothing is held by looking.
transfers-no-bed = No bed suits
transfers-no-bed-said = No free bed within two hours fits the rules. Free a bed that is being cleaned, or open another ward.
transfers-ride = Way
transfers-ride-said = {$km} km, {$span}
transfers-ride-unknown = not known: no address
transfers-lost = {$bed} is taken: {$holder} has it since {$at}
transfers-lost-said = Nothing was changed. Choose another bed below; the list is fresh.
transfers-unfit = This bed does not suit
transfers-why-none = No reason is on record yet.
transfers-why-bed = Bed
transfers-why-kinds = Kinds of place, in order
transfers-why-vehicle = Vehicle
transfers-why-waits = Waits for
transfers-why-report = Last report
transfers-why-accompanies = Accompanies
transfers-why-ended = Ended because
transfers-why-by = By
transfers-because-nearest = the nearest suitable facility with a free bed
transfers-because-first = the first on shift at the door
transfers-because-no-bed = no suitable bed is free within the limit of a ride
transfers-because-no-address = no address is known
transfers-because-by-hand = held by hand
transfers-because-next-run = the next run of the line looks for one
transfers-because-not-confirmed = nobody of the receiving body has confirmed the place yet
transfers-because-confirmed = confirmed outside the city
transfers-waits-confirmation = confirmation by the receiving body
transfers-waits-opening = opening of the ward
transfers-because-not-open = its ward is not open yet: the ride is planned so that nobody arrives before
transfers-bed-from = opens { $at }
transfers-because-elsewhere = found at another door than that of the roster
transfers-home = home
transfers-why-turn = Turn, where beds are short
transfers-turn-said = Waits for a bed; turn: { $turn }
transfers-short-said = { $count } waiting ({ $class }) for whom no suitable bed is free, the first since { $since }. Beds are given in this order: { $order }.

trips-title = Trips of this vehicle
trips-none = No trip is open
trips-none-said = The next trip appears here as soon as it is planned. Load the page again to see.
trips-said = {$from} to {$to}, {$count ->
    [one] one person
   *[other] {$count} people
}
trips-call = Call {$name}
trips-site-admits = The receiving site confirms the arrival.
trips-past = {$count ->
    [one] One trip is done.
   *[other] {$count} trips are done.
}

arrivals-title = Arrivals
arrivals-said = {$underway} on the way, {$booked} due in all, {$admitted} admitted today
arrivals-none = Nobody is due
arrivals-order = The next to arrive first
arrivals-sound-on = Turn the sound on
arrivals-sound-off = Silence
arrivals-sound-said = A tone sounds on this page when somebody sets out to you, and again when they are about to be here. Browsers want one press before a page may sound.

facility-drawn = Drawn
facility-by-kind = By kind
facility-by-kind-said = Beds of all places of a kind, by state
facility-by-place = By facility
facility-by-place-said = Beds now, and who is due to arrive
facility-beds-said = Beds by state, as they stand
facility-all-beds = All beds
facility-wards = By ward
facility-wards-said = Beds of each ward by state
facility-arrivals = Arrivals due
facility-arrivals-said = People of your division, by the hour of the plan
facility-arrivals-none = Nobody of your division is due.
facility-late = planned earlier, not there yet
facility-leaving = Leaving
facility-leaving-said = By the last day of the order that holds them there
facility-leaving-none = No order that holds somebody here ends soon.
facility-past = before today
facility-today = today
facility-when = When
facility-there = Who is here
facility-phases = Over the days
facility-phases-said = How the facility and its wards stand, and what was said to come. Nobody is given a bed of a ward that is not open; whoever was to go there is planned for anew.
facility-whole = The whole facility
facility-stands = Stands
facility-then = And then
facility-from = {$phase} from {$at}
facility-words = What was said
facility-word = {$phase}, {$from}: {$reason}
facility-word-back = {$phase} not after all: {$reason}
facility-staff = Staff
facility-staff-said = {$staff} hands with {$each} people each: {$limit} people at most, {$there} are there or on their way
facility-set = Beds to set
facility-set-said = Beds that are free, being cleaned or out of use. A bed that is held or occupied follows its transfer.

lab-tubes = Tubes by step
lab-tubes-said = Tubes collected on {$day} that your duty sees; waiting and overdue are of all days
lab-collected = Collected
lab-sent = Sent
lab-received = Counted in
lab-resulted = With result
lab-capacity = {$count} tubes a day
lab-nowhere = No laboratory named
lab-nowhere-said = Nobody has said where these go
lab-steps = Steps today
lab-steps-said = Tubes collected today that your duty sees
lab-step = Step
lab-waits = {$waiting} tubes wait, {$overdue} overdue
lab-turnaround = Time to result
lab-turnaround-of = {$count ->
    [one] Of the one result of today's tubes
   *[other] Of {$count} results of today's tubes
}
lab-half = Half within
lab-most = 95 % within
lab-in-house = From counting in
lab-from-swab = From sampling
lab-purposes = By purpose
lab-purposes-said = Today's tubes by purpose and finding; the rest waits
lab-neither = Inconclusive or invalid
lab-no-tubes = No tube of today is on record.
lab-enter = Enter a result
lab-enter-said = One tube at a time. Many results come as a file:
lab-enter-do = Enter
lab-at-hint = Empty means now: {$now}
entry-taken = Taken: {$count}; there already: {$same}
entry-wrong = Nothing was taken: correct this first
rounds-title = Today's rounds
rounds-none = No tube was collected today
rounds-said = Tubes collected today by purpose and district. Coverage is swabs by residents of the census; a person sampled twice counts twice.
rounds-coverage = Swabs by residents
rounds-sum = Sum
rounds-listed = Rounds of sampling
rounds-none-planned = No round was planned
rounds-order = The latest beginning first. What was reached is counted in your division, as of now.
rounds-hours = Hours
rounds-reached = Reached
rounds-people = {$count ->
    [one] One person
   *[other] {$count} people
}
rounds-said-line = {$sampled} of {$people} sampled; {$left} still to be visited, and of {$unknown} nobody knows anything
rounds-with-result = With a result
rounds-awaited = Awaited
rounds-accounted = Accounted for
rounds-to-visit = To visit
rounds-doors = Doors that are left
rounds-coverage-now = Coverage
rounds-whole-said = Everybody of the round in this division
rounds-parts = In its parts
rounds-parts-said = By division below, or by building in the order of a walk
rounds-states = By state
rounds-states-said = Everybody is in exactly one state; together they are the roster.
rounds-unknown-said = unknown is not zero: somebody has to find out
rounds-twice = {$count ->
    [one] One person was sampled in more than one tube
   *[other] {$count} people were sampled in more than one tube
}
rounds-unseen = {$unseen} of {$doors} households were seen by none of the last rounds
rounds-being-counted = being counted; look again in a moment
rounds-not-begun = The round has not begun, so it covers nobody yet.
rounds-plan-said = What the rules forbid is refused with its clause: two rounds a day for the same people, tubes for more people than the purpose allows. Times are written like 2022-11-20T06:00:00+08:00; several codes are separated by semicolons.
rounds-plan-due = Plan a round of who is due
rounds-plan-all-due = Plan a round of all who are due here
rounds-due-name = Key places, due on {$day}
rounds-due-first = Due at key places on { $day } (not all: narrow the list for the others)
rounds-by-place = By key place
rounds-by-place-said = Everybody who was due there, wherever they live
rounds-place-due = {$place}: {$people} by {$clause}
roundplan-title = Plan of the round
roundplan-of = Plan: {$name}
roundplan-link = Plan: sites, staff, tubes
roundplan-back = The round
roundplan-wait-for = The round is being planned; look again in a moment
roundplan-made = Planned {$at}
roundplan-estimate = What will it take?
roundplan-estimated = Not made yet, and kept nowhere: what it would take as of {$at}
roundplan-refused = The rules forbid this round as it is.
roundplan-no-rounds = The rules in force know no rounds by area.
roundplan-widened = More than an area is tested on a stated ground only: state the ground, or screen the area.
roundplan-no-delivery = The rules do not say by when a tube has to arrive.
roundplan-beyond-area = Buildings outside of the risk area are in it: leave them out.
roundplan-twice-a-day = The same people have a round on this day already.
roundplan-not-due = No round is due for these people on this day.
roundplan-too-long = It takes more hours than a round may.
roundplan-hours = Its hours leave no time to be open.
roundplan-nobody = Nobody on the roster belongs to it.
roundplan-condition = A number that it rests on cannot be used.
roundplan-takes = What it takes
roundplan-people = People on the roster
roundplan-expected = Expected to come
roundplan-sites = Sites
roundplan-sites-small = Of them small, because the way would be too long
roundplan-samplers = Samplers on the list
roundplan-samplers-at-once = At work at once
roundplan-staff-hours = Hours of samplers and registrars
roundplan-tubes = Tubes
roundplan-pools = Tubes by size
roundplan-pool = {$count} of {$size}
roundplan-pool-household = {$count} of a household
roundplan-couriers = Courier vehicles
roundplan-courier-hours = Hours of couriers
roundplan-laboratory-runs = Runs of instruments
roundplan-laboratory-hours = Hours of instruments
roundplan-cost = Price of the tests
roundplan-collection = Price of taking the swabs
roundplan-walk = Way on foot, longest and mean, minutes
roundplan-wait = Longest wait, minutes
roundplan-receipt = Collection to receipt, longest, minutes
roundplan-late = Tubes of {$count} sites cannot be received in time: the way to a laboratory is too long.
roundplan-before = What earlier rounds say
roundplan-attended = Of {$people} people of these buildings, {$came} came to round {$round}; as many are expected again.
roundplan-found-said = For this purpose {$rate} positives are expected for 10,000 swabs (95 %: {$low} to {$high}).
roundplan-size-said = Fewest tests with {$size} in a tube: {$best} for each person, {$asked} with the size of this round; {$lost} of infected people are missed beside single tubes (Dorfman 1943, with households and dilution).
roundplan-shift-said = After {$now} swabs of this purpose in the last round, {$next} are suggested.
roundplan-queue = Waiting, hour by hour
roundplan-queue-y = Minutes that 19 in 20 people wait at most
roundplan-queue-said = Expected, over all sites; three in ten of a slot come at its beginning.
roundplan-hour = Hour
roundplan-called = People called
roundplan-sites-said = In the order of a way through the city. Expected wait: of 19 in 20 people, and the longest.
roundplan-place = Site
roundplan-lanes = Samplers: at once / in all
roundplan-waits = Wait, minutes
roundplan-all-sites = All sites as a list, to filter and to export
roundplan-of-these = {$count} expected
roundplan-site = Site {$number}
roundplan-clauses = By these clauses
roundplan-conditions = Numbers that no rule gives
roundplan-calls = Who is called when
roundplan-calls-said = Buildings in the order of the way, by floor where floors are known.
roundplan-whole = all
roundplan-floor = {$floor}
roundplan-floors = {$from} to {$to}
yields-none = No round was counted yet
yields-together = All of the last 30 days
yields-found = What rounds found
yields-said = By the purpose of the tube, with 95 % intervals (Wilson 1927). A person counts once for a round, under the tube that came first.
yields-next = The tests of the next round
yields-next-said = More where more is found: in proportion to the root of what is expected (Neyman 1934), and no purpose below half or above twice of now. Small counts are drawn towards the whole (Marshall 1991). Where every price is known, for as much money as last time.
yields-expected = Expected for 10,000 swabs
yields-tests-now = Swabs last time
yields-tests-next = Swabs suggested
yields-found-next = Positives expected

areas-said = {$count ->
    [one] One area stands
   *[other] {$count} areas stand
}, {$people} people bound
areas-order = The first to end first
area-release = Release
area-clock = Clock
area-clean-days = Clean days
area-clean = {$days}, since the last new infection on {$day}
area-tested = Tests
area-tests = {$negative} of {$people} people negative after {$day}
area-days-left = {$days ->
    [one] one day left, ends by itself on {$day}
   *[other] {$days} days left, ends by itself on {$day}
}
area-ends-today = ends by itself today
area-household = one household
area-suspended = Suspended
area-suspended-said = It binds nobody until this appeal is decided:
area-beside = An area of another district lies beside it:
area-over = should have ended on {$day}
area-forecast = can be released on {$forecast}; {$ends}
area-released = released on {$day}
area-opened = Opened
area-history = What happened
area-why-said = {$count ->
    [one] One decision with its clause and what it was decided on
   *[other] {$count} decisions, each with its clause and what it was decided on
}

contacts-none = No investigation waits
contacts-none-said = None within your duty, or none assigned to you.
contacts-order = Cases to investigate, the earliest deadline first
contacts-of = Contacts of {$name}
contacts-count = {$count ->
    [one] One contact
   *[other] {$count} contacts
}, {$bound} under an order
contacts-no-contacts = Nobody is listed yet
contacts-exposure = Exposure
contacts-order-held = Order
contacts-until = until {$day}
contacts-placed = Placed
contacts-not-moved = not moved
contacts-by-household = by household
contacts-by-declared = declared
contacts-by-visit = same place, same time
contacts-enter = List contacts
contacts-enter-said = Up to five at once; all are taken, or none. Who they are to the case decides the class.
contacts-soon = They join the contacts above when the line has run, within a minute. Who was exposed outside the days in question does not.
contacts-nth = Contact {$n}
contacts-enter-do = List them
contacts-one-expected = the id of at least one person
contacts-one-remedy = write the id of the person as on the roster
interview-begin = Interview
interview-title = Interview of {$name}
interview-window = Ask about {$first} to {$last}
interview-clocks = How far it has come
interview-missing = Still to be answered: {$count}
interview-whole = Every required question is answered
interview-questions = Questions
interview-questions-said = Keep as often as you like: every answer is kept with who asked and when, and the latest one counts.
interview-answered = {$answer} ({$who}, {$at})
interview-required = must be answered
interview-no-answer = no answer
interview-no-window = No day to ask about: the case met nobody while infectious
interview-cut = The window begins earlier; only its last 21 days are asked about.
interview-listed = {$count ->
    [one] One contact is listed already
   *[other] {$count} contacts are listed already
}
interview-listed-said = Whoever lives with the case is filled in from the roster. Ask who of them was away.
interview-rosters = Who may have been near
interview-rosters-said = From rosters that are held for other reasons. Open one only to ask about it: whom it shows is written down. Nobody becomes a contact until you confirm that they met.
interview-rosters-none = No roster knows anybody
interview-people = {$count ->
    [one] One person
   *[other] {$count} people
}
interview-too-many = More than {$most} people: ask whom they met, by name.
interview-open = Ask about them
interview-met = The case says that they met
interview-confirm = Confirm those ticked
interview-days = Day by day
interview-days-said = Where they were, and whom they met there. Fill in what is known; send again for another place on the same day.
interview-from = From
interview-to = To
interview-whom = Whom they met: ids, documents or telephones, separated by spaces
interview-whom-remedy = give the id, the document or the telephone as the roster has it, or ask for another; who lives elsewhere goes into a letter of assistance
interview-send = Keep
interview-one-expected = a place, or somebody whom the case met
interview-one-remedy = fill in one day, or tick who was met
contact-desk-open = What is asked, and why
contact-desk-title = Contact {$name}
contact-desk-exposures = {$count ->
    [one] One exposure
   *[other] {$count} exposures
}
contact-desk-counts = the days count from this one
contact-desk-withdrawn = the case was withdrawn: it asks nothing
contact-desk-no-tier = no contact by the rules in force
contact-desk-plan = What the rules ask
contact-desk-nothing = The rules ask nothing
contact-desk-tests = tests on {$days}
contact-desk-to-site = At a site
contact-desk-at-home = At home
contact-desk-home = Home, and who depends on them
contact-desk-home-fit = Home fit for isolation: {$known}
contact-desk-special = Of a special group: kept at home where the home is fit
contact-desk-not-special = Of no special group
contact-desk-carer = Cared for by
contact-desk-cares-for = Cares for
contact-desk-stays-for = Stays at home with
contact-desk-done = What was done
contact-desk-done-none = No order, transfer or follow-up
contact-desk-became-case = Became a case: the contact is closed, and their own investigation is open under
follow-code = Give a code to report by themselves
follow-code-made = Code of {$person}
follow-code-said = Tell it to them now: it is shown only here, and the one before is good no more. They enter it on the public page “How are you today?” until the last day of the follow-up.

chains-title = Chains of transmission
chains-cases = Open cases
chains-with-source = With a possible source
chains-several = With several
chains-index = Begin a chain
chains-contact-only = Together, direction unknown
chains-unlinked = Without a link
chains-honest = An exposure makes the case known earlier a possible source; it proves nothing. Several possible sources stay several.
chains-more = Only the latest 2,000 open cases are read.
chains-drawn = Tree by day
chains-drawn-said = Days run to the right: onset, or the day of the sample.
chains-short = Case numbers are shortened; press or tap a case to open it.
chains-fit = All
chains-key-first = begins a chain
chains-key-case = case
chains-key-possible = possible, not proven
chains-key-together = together, direction unknown
chains-node = {$case}, {$day}: {$sources} possible sources, {$targets} possible infections
chains-left-out = {$count} linked cases have no room here; the list has them.
chains-list = The same as a list
chains-list-said = Cases with a link, those with most possible infections first
chains-none = No case is linked to another
chains-sources = Possible sources
chains-targets = Possible infections
chains-together = Together

ask-new = Take a call
ask-emergencies = {$count ->
    [one] One medical emergency is open
   *[other] {$count} medical emergencies are open
}
ask-none = No request waits
ask-order = Emergencies and what cannot wait first, then the earliest deadline
ask-free = Requests that nobody has
ask-free-said = Take one to see what it is about.
ask-emergency = Emergency: call 120 now
ask-emergency-said = Stay with the person until help has come. No test, code or paper is needed.
ask-no-words = No words were given.
ask-call-first = In danger of life: call 120 first, then write.
ask-made = Request {$number} is taken
ask-tell-secret = Tell the caller this secret; it is shown once, and follows the request on the public page:
ask-where = Where help is needed
ask-words = In the person's words
ask-words-hint = What is needed, and where to find the person. Ask for no test, code or paper.
ask-contact = How to reach the person
ask-make = Take the request
ask-choose = one of the list
ask-choose-remedy = choose it

lab-withheld = Results withheld
quality-title = Quality of laboratories
hot-title = Hot spots
hot-about = Communities in which more people asked for the same thing in the last {$hours} hours than the {$days} days before explain. What was put together for one household counts once.
hot-none = Nowhere do more people ask for the same thing than usual
hot-asked = Asked
hot-open = Not answered
hot-usual = Usual in a day
hot-chance = By chance alone
hot-once = less than once in {$days} days
equality-title = Treated alike
equality-about = How long people were bound, how long they waited, who was turned away and what became of appeals in the last {$days} days, by district, age and sex. Counts of 1 to 10 are withheld, with those from which they could be worked out. A difference is a question, not an answer.
equality-none = Nothing was counted
equality-withheld = withheld
equality-gap = more than chance
equality-age = Age
equality-by-district = By district
equality-by-age = By age
equality-by-sex = By sex
equality-orders = Orders
equality-orders-count = Ended
equality-orders-mean = Days, mean
equality-orders-marked = Withdrawn
equality-waits = Waiting for a bed
equality-waits-count = Admitted
equality-waits-mean = Hours, mean
equality-waits-marked = Over a day
equality-refusals = Emergencies turned away
equality-refusals-count = Emergencies
equality-refusals-mean = Times, mean
equality-refusals-marked = Turned away
equality-appeals = Appeals
equality-appeals-count = Filed
equality-appeals-mean = Hours, mean
equality-appeals-marked = Upheld
clocks-title = How long tubes take
clocks-said = {$count ->
    [one] One tube closed since {$from}, at {$last}.
   *[other] {$count} tubes closed since {$from}, the last at {$last}.
}
clocks-none = No tube was closed in the last 24 hours.
clocks-about = Half of the tubes took no longer than the first time, 19 in 20 no longer than the second. Tubes that have not come so far are in none of them, and neither are times of two places whose clocks do not agree.
clocks-more = Only the first {$count} tubes were read.
clocks-by-laboratory = By laboratory
clocks-by-district = By district
clocks-tubes = Tubes
clocks-receive = Closed to received
clocks-result = Received to result
clocks-report = Result to report
clocks-of = of {$count}
quality-said = Withheld results count for nobody. Whoever was called negative is asked to be sampled again and is bound by nothing; what rests on other results goes to review, and nothing is undone unseen. It can be lifted.
quality-looked = Results of the 24 hours before {$at}
quality-never = Nobody has judged results yet. The server does every hour; `dayclear screen watch` does at once.
quality-funnel = Positives among the results of each laboratory
quality-funnel-said = Each mark is a laboratory. Between the lines chance explains what is seen (99.8 %, Spiegelhalter 2005); a square lies outside. Laboratories that test where more people are ill lie higher without fault: signals compare alike tubes only.
quality-x = Results
quality-y = Positives per 10,000
quality-positives = Positives
quality-signals = Signals
quality-none = Nothing was seen that mistakes or chance do not explain.
quality-holds = Withheld now
quality-no-holds = No results are withheld.
quality-concerned = {$people} people in {$tubes} tubes; who waits stands in the worklist of recalls
quality-all-signals = All signals
quality-all-holds = All, lifted ones too
lab-alarms = {$count ->
    [one] {$count} alarm
   *[other] {$count} alarms
}
quality-table = As a table
# Boxes of tubes.
boxes-said = {$late} boxes are late, {$soon} will be late soon, {$open} are in time
boxes-open = Not with a laboratory yet
boxes-open-said = The one that is due first comes first. Late soon: it is expected after its deadline, or three quarters of the time have passed where nobody knows when it is expected.
boxes-differ = With differences, or lost
boxes-differ-said = Everybody in a tube that is missing or broken is asked for another swab.
boxes-there = Received
boxes-there-said = Packed last comes first.
boxes-none = No boxes here
boxes-lost = Missing or broken
box-late = Late
box-soon = Late soon
box-late-by = late by {$span}
box-left = {$span} left
box-to = to {$laboratory}
box-run = run {$run}
box-send = Pack and send a box
box-send-said = Every tube by its bar code. The code of the box stands for one way: a box that is used again gets a new one.
box-send-do = Send
box-courier = Courier
box-at = When
box-tubes = Tubes in the box
box-codes-hint = Bar codes, separated by spaces, commas or lines.
box-tubes-by-state = Tubes of the box
box-tubes-said = Each tube is in one state, so they add up to the box.
box-no-tubes = No tube is packed in it by name.
box-moves = Hand-overs
box-moves-said = In the order in which they happened; nothing that was said is changed.
box-no-moves = Nobody has handed it over yet.
box-step = Step
box-counted = Counted
box-receive = Count the box in
box-recount = Count again, or name tubes
box-receive-said = Count the whole tubes, and name what is missing or broken. If count and names do not agree, no tube is taken for received until they do.
box-receive-do = Record
box-counted-whole = Whole tubes counted
box-missing = Missing
box-broken = Broken
box-found = Found, or too many
box-meant = meant for {$laboratory}
box-nowhere = no laboratory is left that may take it
box-result = results {$at}
box-direct-said = Which laboratory is worked out whenever boxes, loads or holds change: the last result of all earliest, none beyond what it is validated for. Who knows better chooses another one, and says why.

follow-title = Follow-up today
stays-title = Daily records
stays-said = { $people } lie here; of { $missing } nothing is recorded today.
stays-none = Nobody lies here.
stays-since = since { $at }
stays-recorded = Recorded
stays-missing = Nothing recorded today
stays-came-today = Came today
stays-tell = Record how they are
follow-every-team = Every team
follow-show = Show
follow-due = {$count} to speak to
follow-none = Everybody was spoken to
follow-until = until the end of {$day}
follow-missed = missed on {$count} days running
follow-call = Call {$phone}
follow-tell = What came of it
follow-symptoms = Do they have symptoms?
follow-send = Record

measures-title = How tracing keeps up
measures-said = Of the cases found on each day. A contact is named when the list has it; placed when it is where the decision says. Percentiles are of those who are placed. Held before infectious: an order kept them apart since before the first day on which, by the rules in force, they could infect anybody.
measures-until = Up to
measures-span = Days
measures-days = By day of finding
measures-places = By district
measures-order = The last row is the sum
measures-all = All
measures-cases = Cases
measures-known = Were known contacts
measures-held = Held before infectious
measures-each = Contacts for each case
measures-named = Named within {$hours} h
measures-placed = Result to place, {$percent} %

transfers-because-together = chosen together with vehicle and hour, among all who wait
transfers-because-least = like this everybody together waits and rides least
transfers-why-others = Also possible
transfers-why-directed = Directed by a dispatcher
transfers-other-later = {$what}: {$min} minutes later
transfers-other-sooner = {$what}: {$min} minutes sooner, and others later
transfers-other-cannot = {$what}: {$why}
hindrance-no_fleet = no vehicle
hindrance-seats = too few seats
hindrance-equipment = equipment is missing
hindrance-no_beds = no beds of this kind
hindrance-beds_taken = its beds are taken
hindrance-by_hand = ruled out by a dispatcher
hindrance-too_far = too long a ride
hindrance-no_time = not there within the shift
lanes-title = Transfers by vehicle
lanes-said = Move somebody to another vehicle, here with a form or by dragging the card; the plan repairs around it.
lanes-none = Without a seat
lanes-empty = Nobody
lanes-region = Vehicles, a column for each
lanes-move = Move
lanes-move-person = Move {$person}
lanes-dropped = {$person} to {$vehicle}: give a reason and confirm
lanes-planned = Planned together last at {$at}: {$changed} changed, {$saved} weighted minutes of waiting and riding less, {$waiting} without a seat.
lanes-travel-model = Travel times of this plan are estimates: straight lines times 1.35, 30 km/h in town. No file of measured times and no router told them.
lanes-travel-told = Travel times of all {$legs} drives of this plan are those of the road network.
lanes-travel-some = Travel times of {$told} of the {$legs} drives of this plan are those of the road network; the others are estimates (straight lines times 1.35, 30 km/h in town).
lanes-travel-trouble = The router has not answered since {$at}.
lanes-door = at the door {$at}
capacity-title = Demand and capacity
capacity-never = Not worked out yet. It is looked at every five minutes while people are to be moved.
capacity-at = As of {$at}
capacity-waits = Who has not arrived
capacity-nobody = Everybody has arrived.
capacity-without = Without a seat
capacity-booked = With a seat, at home
capacity-underway = On the way
capacity-mean = Mean wait
capacity-longest = Longest wait
capacity-hours = The hours to come
capacity-hours-said = People known now who will not have arrived by then, as planned. Whoever is found later comes on top.
capacity-hour = By
capacity-left = Not arrived
capacity-free = Beds that nobody holds
capacity-changes = One change more: what it would bring
capacity-changes-said = Everybody was planned again with this one thing more. Minutes until arrival, over all people; whoever has no seat counts a day.
capacity-changes-none = No change was tried: nobody waits, or too many do.
capacity-vehicle = One more vehicle with 14 seats, for eight hours
capacity-ward = One more ward with 20 beds
capacity-what = Change
capacity-where = Where
capacity-saved = Minutes saved
capacity-seats = More people with a seat
ahead-title = Free beds ahead
ahead-never = Not worked out yet. It is looked at once an hour, and every five minutes while people are to be moved.
ahead-classes = By class
ahead-classes-said = Beds that can be given, by hour, for three days: what is free, less who is due, with who leaves by the rules in force, and what opens and closes. Whoever is found later is not counted.
ahead-severe = {$kind}, equipped for severe cases
ahead-line = {$now} now, {$least} at the least, {$last} in three days
ahead-places = By facility
ahead-places-said = Beds that can be given at these hours; no more than the staff can look after
ahead-least = At the least
ahead-short-of-staff = short of staff, and not of beds, in {$hours} hours
ahead-flow = Who comes and goes
ahead-flow-said = In twelve hours each, by the plan and by the rules in force
ahead-from = From
ahead-arriving = Arriving
ahead-leaving = Leaving
ahead-opened = Beds opened
ahead-opening = What to open, and by when
ahead-opening-said = From the forecast of what the days ahead take. Nothing opens by itself: taking a proposal says the phase, with its reason.
ahead-open-by = Needed from
ahead-decide-by = Decide by
ahead-late = late
ahead-without = Who would wait
ahead-take = Take
ahead-nowhere = A place to be found
ahead-reason = Opening plan: needed from {$day}, or up to {$people} people wait on the worst day
price-title = What it would cost
price-said = Before you choose: everybody who can still be planned otherwise is planned twice, as things stand and with your word. Nothing is kept of it.
price-word = What would be said
price-ask = Work out
price-what = What
price-now = As things stand
price-then = With it
price-own = For this person
price-others = For all others
price-others-said = Minutes more or fewer over all others who have a seat both ways. Later and sooner count from five minutes on.
price-waiting = Minutes of waiting
price-riding = Minutes of riding
price-later = Arrive later
price-sooner = Arrive sooner
price-seats = Without a seat
price-without = No seat
price-stranded = With this word nobody has a seat for them: the hard rules leave none.
price-not = Leave it
unpriced-settled = There is nothing to price: they are about to set out, were tried and not moved, or the line has not looked at them yet.
unpriced-too_many = Too many wait for this to be worked out while you wait. The board of demand and capacity tells what helps.
urgent-title = Emergencies
urgent-waiting = Waiting for a decision
urgent-waiting-said = {$count ->
    [one] One emergency waits for a decision. Decide now.
   *[other] {$count} emergencies wait for a decision. Decide now.
}
urgent-none = No emergency waits for a decision
urgent-rule = One minute for a decision, then the next tier is rung. No test, code, paper or payment is asked for. No order and no area stands in the way.
urgent-underway = Help is on its way
urgent-underway-none = Nothing is on its way
urgent-missing = not yet
urgent-nobody = nobody has it
urgent-sound-on = Turn the alarm on
urgent-sound-off = Turn the alarm off
urgent-sound-said = The alarm sounds on this page while an emergency waits for you. Browsers want one press before a page may sound.
urgent-steps = Step by step
urgent-log = What was said, and by whom
urgent-refused-said = {$count ->
    [one] A clinician refused once. The level above looks into it.
   *[other] Clinicians refused {$count} times. The level above looks into it.
}
urgent-decided-in = decided in {$clock}
treat-title = Regular treatments
round-title = Round of doors
round-pick = To pick at { $depot }
round-none = Nothing is owed from here.
round-of-these = of these:
round-shown = Doors { $from } to { $upto }
round-doors = { $count ->
    [one] One door, in the order of a walk
   *[other] { $count } doors, in the order of a walk
}
round-said = Put it down, step back, and have the digits of the day or a word said through the door. What nobody takes is owed within three hours.
round-missed = missed before
runs-title = Runs of { $depot }
runs-none = No run is planned. Plan the runs, and each door has a time.
runs-said = Who brings what when: within the hours of those who carry, what was missed first. Plan again when something was missed or asked for; runs that have left go on.
runs-progress = { $done } of { $all } parcels handed over
runs-missed = nobody took { $count }
runs-late = late
runs-sheet = Doors and times
runs-left-title = What no run carries
runs-left-why = Why, and what helps
runs-new = Came up since the last plan: plan again
runs-helps-no_carrier = Give a carrier, with the hours of today.
runs-helps-no_hours = One more carrier, or longer hours.
runs-helps-too_far = A vehicle instead of walking, or a longer shift.
runs-helps-no_place = Give the building of the household.
runs-helps-free = It need not be brought.
runs-of = Run { $run }
runs-hours = Loads { $loads }, leaves { $leaves }, back { $returns }; hours until { $until }.
runs-at = Time
runs-door = Door
runs-what = What is put down
runs-stands = How it stands
runs-stop-open = to come
runs-stop-late = late
runs-late-all = { $count ->
    [one] One run is late
   *[other] { $count } runs are late
}
follow-messages = Messages today
follow-messages-off = No gateway is named in the settings: no message is sent.
follow-messages-agreed = Agreed to messages
follow-messages-wait = Messages to {$count} people wait for a second person
follow-messages-look = Look at them
follow-messages-today = Message today:
follow-messages-unread = They answered by message, and it was not taken

## The summary of a day for a terminal.

summary-cutoff = figures up to { $time }
summary-found = Found
summary-moved = Moved
summary-placed = Traced
summary-held = Held
summary-cared = Cared for
summary-tests = Tests
summary-books = Books
summary-checks = Checks

summary-new = confirmed { $confirmed }, asymptomatic { $asymptomatic }; converted { $converted }; awaiting diagnosis { $awaiting }
summary-community = { $count } found in the community ({ $share } of { $whole } new infections)
summary-community-alone = found in the community: { $count }
summary-flow-moved = { $ended } moved to care; { $open } waiting, { $overdue } past the deadline
summary-flow-placed = { $ended } contacts isolated; { $open } waiting, { $overdue } past the deadline
summary-flow-areas = areas: { $begun } opened, { $ended } reopened, { $open } in force, { $overdue } past their end
summary-flow-orders = orders: { $begun } begun, { $ended } ended, { $open } in force, { $overdue } past their end
summary-flow-requests = requests: { $begun } received, { $ended } answered, { $open } open, { $overdue } past the deadline
summary-care = in care { $in_care }; severe { $severe }, critical { $critical }; discharged { $recovered }, died { $died }
summary-beds = beds: { $free } free of { $total }; { $occupied } occupied ({ $share }), { $held } held
summary-tubes = tubes { $tubes }, people { $people }; with a result { $resulted }, positive { $positive }
summary-turnaround = median time to result: { $time }; results corrected: { $corrections }
summary-books-balance =
    { $count ->
        [one] yes, the one worklist balances
       *[other] yes, all { $count } worklists balance
    }
summary-books-differ = NO, these worklists do not balance: { $list }
summary-checks-line = { $agree } agree, { $differ } differ, { $unknown } with parts not known
summary-checks-differ = differs: { $list }

summary-open-title =
    { $count ->
        [0] Open items by owner: none
       *[other] Open items by owner: { $count }
    }
# A bulletin taken over from elsewhere has no books, so nobody knows what is open.
summary-open-unknown = Open items by owner: not known
summary-column-owner = Owner
summary-column-count = Open
summary-column-oldest = Oldest
summary-column-overdue = Past deadline
summary-column-work = Mostly
summary-other-owners =
    { $count ->
        [one] one more owner
       *[other] { $count } more owners
    }
summary-owner = { $party }: { $name }
summary-unknown = { $name }: not known

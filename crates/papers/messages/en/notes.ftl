## Checks, notes and hops: keys that come with the data.

check-sum-by-route-confirmed = Confirmed cases by route
check-sum-by-route-asymptomatic = Asymptomatic cases by route
check-sum-by-unit-confirmed = Confirmed cases by unit
check-sum-by-unit-asymptomatic = Asymptomatic cases by unit
check-sum-by-unit-awaiting = People awaiting a diagnosis, by unit
check-converted-counted-once = Converted cases counted once
check-stock-in-care = In care = in care before + new − discharged − died
check-books-balance = Closing of the worklists
check-hops-reconcile = Handed over = taken over + missing by name
check-beds = Beds = occupied + held + free + not usable
check-tubes = Tubes received = with a result + without
check-chain-of-days = Opening = closing of the day before

note-day = A day runs from 0:00 to 24:00 in the city’s time.
note-books = All figures are counted from the signed books of the day.
note-published = The figures are taken from a published bulletin as they stand there. They were not counted again.
note-converted = Somebody who was counted as asymptomatic and is now confirmed is counted once among the confirmed cases, and is not a new infection.
note-community = ‘Found in the community’ means found in people who were not already in isolation or under monitoring.
note-awaiting = People who tested positive and still await a diagnosis are not among the new cases.
note-routes-confirmed-only = The source gives the routes of the confirmed cases only.
note-units-not-given = The figures by district and reporting unit have not been taken over.
note-positivity = The share of positive tubes is not a share of people: one tube may hold the swabs of several.
note-turnaround = The time to a result runs from closing the tube to the final result.
note-beds = Held beds are kept for people on the way and are not free.
note-contacts-declared = Contacts are those whom somebody declared or whom a lawful record shows.
note-corrections = Results that were corrected after earlier bulletins change today’s figures; earlier bulletins stay as they were.
note-late-close = The day was closed after its cut-off. What came in later belongs to the next day.
note-preliminary = Some results are still preliminary.
note-recovered-partial = Discharges are known from some sites only.
note-made-up = The people, addresses and figures in this bulletin are made up.

hop-tubes-collected-sent = Tubes collected and sent
hop-tubes-sent-received = Tubes sent and received
hop-tubes-received-resulted = Tubes received and tested
hop-positives-resulted-reported = Positives found and reported
hop-positives-reported-diagnosed = Positives reported and diagnosed
hop-positives-reported-moved = Positives reported and moved
hop-cases-diagnosed-investigated = Cases diagnosed and investigated
hop-contacts-listed-placed = Contacts listed and isolated
hop-pools-positive-resolved = Positive pools and their members resolved

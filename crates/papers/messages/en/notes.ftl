## Checks, notes and hops: keys that come with the data.

check-sum-by-route-confirmed = Confirmed cases by route
check-sum-by-route-asymptomatic = Asymptomatic cases by route
check-sum-by-unit-confirmed = Confirmed cases by unit
check-sum-by-unit-asymptomatic = Asymptomatic cases by unit
check-converted-by-route = Converted cases, as counted by route
check-total-reported = All reported = confirmed + asymptomatic
check-new-infections-without-converted = New infections = all reported − converted
check-books-balance = Closing of the worklists
check-hops-reconcile = Handed over = taken over + missing by name

note-day = A day runs from 0:00 to 24:00 in the city’s time.
note-routes-not-published = The source does not say how the cases were found.
note-districts-not-published = The figures by district and reporting unit have not been taken over.
note-districts-confirmed-incomplete = The confirmed cases of some districts are not known, so they cannot be added up.
note-districts-asymptomatic-incomplete = The asymptomatic cases of some districts are not known, so they cannot be added up.
note-figures-incomplete = Some figures of this day were not published.
note-figures-derived = Some figures were derived from others by whoever collected them.
note-reporting-units-inside-districts = Development zones report beside the districts they lie in. The roster knows addresses by district only, so their figures are within those of the districts.
note-books = All figures are counted from the signed books of the day.
note-published = The figures are taken from a published bulletin as they stand there. They were not counted again.
note-converted = Somebody who was counted as asymptomatic and is now confirmed is counted once among the confirmed cases, and is not a new infection.
note-community = ‘Found in the community’ means found in people who were neither in isolation or under monitoring, nor arrivals from elsewhere.
note-awaiting = People who tested positive and still await a diagnosis are not among the new cases.
note-positivity = The share of positive tubes is not a share of people: one tube may hold the swabs of several.
note-turnaround = The time to a result runs from closing the tube to the final result.
note-beds = Held beds are kept for people on the way and are not free.
note-contacts-declared = Contacts are those whom somebody declared or whom a lawful record shows.
note-made-up = The people, addresses and figures in this bulletin are made up.

hop-tubes-collected-delivered = Tubes collected and delivered
hop-tubes-counted-resulted = Tubes counted in and tested
hop-tubes-delivered-counted = Tubes delivered and counted in
hop-pools-members-resolved = Members of positive pools resolved
hop-positives-found-moved = Positives found and moved
hop-positives-reported-move = Positives reported and put down to be moved
hop-contacts-listed-placed = Contacts listed and isolated
hop-people-sent-back = People sent outside the city and back
hop-households-owed-delivered = Parcels owed and delivered
hop-requests-received-answered = Requests received and answered
note-small-cells = Counts of 1 to 10 found in the community of a district are not printed, and others beside them, so that nobody can work them out; the sums of the city are exact.
check-stock-awaiting = In care and awaiting a diagnosis = before + new − diagnosed − gone
check-stock-confirmed = Confirmed in care = before + new − discharged − died ± reclassified
check-stock-asymptomatic = Asymptomatic in care = before + new − discharged − died ± reclassified
check-sum-by-class-in-care = In care, by what they are counted as
note-stock = Who is in care is compared by name with the bulletin of the day before. ‘Other’ are cases that were withdrawn, and two cases that turned out to be of one person.

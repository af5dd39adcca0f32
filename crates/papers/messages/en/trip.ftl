# The driver's page of a phone, and what the board says of vehicles on the road.

trip-net-unknown = Looking for a network …
trip-net-online = Connected. What you report is sent at once.
trip-net-offline = No network. Go on: what you report is kept on this phone and sent later. The dispatch cannot see the vehicle now.
trip-net-left = You are signed out. Go on: what you report is kept on this phone, and sent once you have signed in again.
trip-net-door = Connected.
trip-net-denied = Your duty has no vehicle. Change your duty, or sign in as somebody who drives.
trip-place-off = This phone does not say where it is. The dispatch sees that the vehicle is on the road, and not where.
trip-open = Open the page that works without a network
trip-plain = This page needs script, because it works without a network. Without script, use the page of trips.
trip-door-said = Sign in once while there is a network. After that the page works without one.
trip-as-of = As the plan was at {$at}
trip-said = Trip {$from} to {$to} · {$class}
trip-people = {$count} to fetch here
trip-next = Next stop
trip-later = After that
trip-aboard = In the vehicle
trip-to = To {$place}
trip-all-picked-up = Picked up, all {$count}
trip-step-picked_up = Picked up
trip-step-no_answer = No answer
trip-step-refused = Refused
trip-step-cannot_move = Cannot be moved
trip-step-wrong_address = Nobody of that name here
trip-home = home: no order asks for it any more
trip-step-worse = Symptoms got worse
trip-step-handed_over = Handed over
trip-sure-worse = An emergency is opened. If a life is in danger, call the emergency number first.
trip-note = Words for the dispatch
trip-report = Report
trip-back = Back
trip-tried = Reported: {$what}. The dispatch has been told to call. Wait for word, or go on to the next stop.
trip-worse-told = Reported: symptoms got worse. An emergency is opened as soon as this is sent.
trip-none-said = The next trip appears here as soon as it is planned.
trip-reported = {$what}: {$name}
trip-kept-count = Reports kept on this phone, not yet sent: {$count}
trip-kept-foreign = Reports of somebody else that are not yet sent: {$count}. They stay on this phone until that person signs in here; ask them to.
trip-right-said = The server did not take these, because they do not fit the plan any more. The dispatch has been told to call you.
trip-right-report = {$what}: {$name}, {$at}
trip-right-drop-said = This report is deleted here. Do so when the dispatch has said what is so.
trip-dropped = The report was given up on this phone
trip-more-kept = Kept on this phone: the trips of this vehicle that are not over, with names, doors and telephones, because you need them without a network; and reports that are not sent yet. Trips are deleted when they are over, when somebody leaves the phone, and after twelve hours without a network.
trip-more-place = While a trip is under way, this page tells the dispatch every half minute that the vehicle is on the road and where, to about a hundred metres. Only the last place is kept, and it is deleted once the trip is over. Leave the page open; after ten minutes without a word the dispatch calls.
trip-heard-lately = Vehicle heard of {$minutes ->
    [0] just now
   *[other] {$minutes} min ago
}
trip-heard-amber = Vehicle not heard of for {$minutes} min
trip-heard-silent = Vehicle not heard of for {$minutes} min: call the crew
trip-heard-way = {$km} km to go
trip-handed-over = Handed over at {$at}, says the crew
call-door = At the door
call-refused = Care refused
call-silent = Silent
call-broken = Broken down

## The bulletin as a page and as files, and what every paper needs.

not-known = not known
list-separator = {", "}
gaps-separator = {"; "}
# Between two sentences of a paragraph.
sentence-gap = {" "}

date-long = { $weekday } { $day } { $month } { $year }
moment-local = { $date }, { $time }
moment-utc = { $time } UTC
weekday-mon = Monday
weekday-tue = Tuesday
weekday-wed = Wednesday
weekday-thu = Thursday
weekday-fri = Friday
weekday-sat = Saturday
weekday-sun = Sunday
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
duration-minutes = { $minutes } min
duration-hours = { $hours } h
duration-hours-minutes = { $hours } h { $minutes } min
duration-days = { $days } d
duration-days-hours = { $days } d { $hours } h

pack-with-version = { $name } (version { $version })

## Head of the page.

page-title = { $city }: outbreak bulletin, { $date }
page-kind = Daily outbreak bulletin
document-title = { $city }, { $date }
document-page = Page { $n } of { $all }
# Between a name and what is said of it.
document-colon = {": "}
cutoff = Figures up to
protocol = Protocol
source = Source
source-books = The signed books of the day
source-published = A bulletin published elsewhere
notice = Exercise.
notice-differs = Not all sums agree.
notice-differs-about = See ‘The books of the day’ and ‘Checks’ before using these figures.

lead-new =
    { $confirmed ->
        [one] One new confirmed case
       *[other] { $confirmed } new confirmed cases
    } and { $asymptomatic ->
        [one] one new asymptomatic case
       *[other] { $asymptomatic } new asymptomatic cases
    } were reported for the 24 hours of this day.
lead-converted =
    { $count ->
        [one] One of the confirmed cases had been counted earlier as asymptomatic.
       *[other] { $count } of the confirmed cases had been counted earlier as asymptomatic.
    }
lead-community = Of the { $whole } new infections, { $count } ({ $share }) were found in the community.
lead-moved =
    { $moved ->
        [one] One person was
       *[other] { $moved } people were
    } moved to care; { $open ->
        [one] one was
       *[other] { $open } were
    } still waiting at the cut-off.
lead-moved-all =
    { $moved ->
        [one] One person was
       *[other] { $moved } people were
    } moved to care, and nobody was left waiting.

headline-title = The day in figures
figure-confirmed = New confirmed cases
figure-asymptomatic = New asymptomatic cases
figure-community = Found in the community
figure-moved = Moved to care this day
figure-converted = { $count } of them converted from asymptomatic
figure-awaiting =
    { $count ->
        [0] nobody awaits a diagnosis
        [one] one more positive awaits a diagnosis
       *[other] { $count } more positives await a diagnosis
    }
figure-share = { $share } of { $whole } new infections
figure-waiting = { $open } still waiting, { $overdue } of them past the deadline
figure-nobody-waits = nobody is left waiting

## Tables.

column-confirmed = Confirmed
column-asymptomatic = Asympto{"\u00AD"}matic
column-both = Together
column-awaiting = Awaiting diagnosis
sum-of-lines = Sum of the lines
reported-total = Reported total

routes-title = How the cases were found
routes-caption = New cases by the route by which they were found.
column-route = Route
route-converted = Converted from asymptomatic
routes-asymptomatic-unknown = Asymptomatic cases by route: not known.

units-title = New cases by district and reporting unit
units-caption = New cases, most first.
column-unit = District or unit
units-asymptomatic-unknown = Asymptomatic cases by unit: not known.
units-without =
    { $count ->
        [one] One unit has no new case: { $list }.
       *[other] { $count } units have no new cases: { $list }.
    }

care-title = People in care
care-in-care = In care
care-severe = Severe, of those in care
care-critical = Critical, of those in care
care-recovered = Discharged this day
care-died = Died this day

stock-title = How the number in care came about
stock-caption = Before + new + changed to this − changed from this − discharged − died ± other must equal those in care now, who are counted one by one.
column-stock = Counted as
column-stock-new = +{"\u00A0"}New
column-stock-into = +{"\u00A0"}Changed to this
column-stock-out-of = −{"\u00A0"}Changed from this
column-stock-recovered = −{"\u00A0"}Dis{"\u00AD"}charged
column-stock-died = −{"\u00A0"}Died
column-stock-other = ±{"\u00A0"}Other
column-stock-open = ={"\u00A0"}In care now

beds-title = Beds
beds-caption = Beds in service at the cut-off. Held beds wait for somebody on the way.
beds-sum = All
column-facility = Kind of place
column-beds = Beds
column-occupied = Occupied
column-held = Held
column-free = Free
column-out-of-use = Not usable
column-occupancy = Share occupied

tests-title = Testing
tests-tubes = Tubes collected
tests-sampled = People sampled
tests-resulted = Tubes with a final result
tests-positive = Positive tubes
tests-positivity = { $share } of those with a result
tests-turnaround = Median time from sample to result
tests-corrections = Results corrected

flows-title = Moving, isolation and care
flows-caption = What was open before the day, what began and ended during it, and what is open now.
column-flow = Work
column-before = Before
column-begun = Begun
column-ended = Ended
column-open = Open now
column-overdue = Past deadline
flow-moved = Positives to move to care
flow-placed = Contacts to isolate
flow-areas = Restricted areas
flow-orders = Orders that bind people
flow-requests = Residents’ requests

books-title = The books of the day
books-caption = Opening + received − completed − cancelled must equal closing, which is counted from the items themselves.
column-worklist = Worklist
column-opening = Opening
column-received = +{"\u00A0"}Received
column-completed = −{"\u00A0"}Completed
column-cancelled = −{"\u00A0"}Cancelled
column-closing = ={"\u00A0"}Closing
column-balance = Balance
books-all-balance =
    { $count ->
        [one] The one worklist balances.
       *[other] All { $count } worklists balance.
    }
books-some-differ =
    { $count ->
        [one] One of { $whole } worklists does not balance.
       *[other] { $count } of { $whole } worklists do not balance.
    }

checks-title = Checks
checks-caption = Sums that must be true before a bulletin is published.
column-check = Check
column-total = Total
column-parts = Parts
column-result = Result
sign-agrees = ✓ agrees
sign-differs = ✗ differs by { $by }
# The sums agree, but lines that make them up do not.
sign-differs-inside = ✗ differs inside
sign-unknown = ? parts not known

## End of the page.

notes-title = Method and gaps
gaps-list = Not known for this day: { $list }.
signature-title = Signature of the closed day
signature-about = This signature stands for the day’s events and the signature of the day before. Nothing can be changed afterwards without changing it.
sources-title = Published source
footer-unknown = Where a figure is not known, this bulletin says so. It is never printed as zero.

## Labels of the CSV file that stand nowhere on the page.

csv-date = Date
csv-city = City
csv-new-infections = New infections, without those converted
csv-note = Note
csv-source = Published source
csv-signature = Signature of the closed day
csv-turnaround = Median minutes from sample to result
csv-opening = Opening
csv-received = Received
csv-completed = Completed
csv-cancelled = Cancelled
csv-closing = Closing
csv-label = { $name }: { $part }
column-community = In the community
hidden-small = not printed

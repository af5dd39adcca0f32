## The terms of the vocabulary. Key = prefix of the list of terms, then the canonical text of the term.

# What an item waits for.
worklist-deliver = Tubes to deliver
worklist-test = Tubes to test
worklist-recall = Pool members to test singly
worklist-clarify = Results to clarify
worklist-report = Positives to report
worklist-diagnose = Positives to diagnose
worklist-investigate = Cases to investigate
worklist-move = Positives to move
worklist-place = Contacts to place
worklist-call = Crews and doors to call
worklist-retest = Tests due under an order
worklist-follow = Contacts to speak to today
worklist-release = Orders to end
worklist-reopen = Areas to reopen
worklist-clean = Beds to clean
worklist-supply = Households to supply
worklist-ask = Households to call on
worklist-decide = Emergencies to decide
worklist-help = Emergencies until help is there
worklist-treat = Regular treatments due
worklist-answer = Requests to answer
worklist-review = Corrections to review

# The four parties.
party-division = Division
party-department = Department
party-site = Site or employer
party-individual = Individual

movement-received = received
movement-completed = completed
movement-cancelled = cancelled

classification-awaiting_diagnosis = Awaiting diagnosis
classification-confirmed = Confirmed case
classification-asymptomatic = Asymptomatic case
classification-converted = Converted from asymptomatic to confirmed
classification-withdrawn = Withdrawn

# By which route a case was found.
origin-already_isolated = Already in isolation
origin-key_person = Testing of key persons
origin-area_screening = Screening of an area
origin-expanded_screening = Expanded screening
origin-community = In the community
origin-entry = Arrivals from elsewhere

severity-asymptomatic = No symptoms
severity-mild = Mild
severity-ordinary = Moderate
severity-severe = Severe
severity-critical = Critical
severity-unknown = Not known

level-city = City
level-district = District or county
level-reporting_unit = Reporting unit
level-township = Street or township
level-community = Community or village
level-grid = Grid

order-hospital = Hospital care
order-central_isolation = Isolation at a site
order-home_isolation = Isolation at home
order-home_monitoring = Health monitoring at home
order-stay_for_retest = Stay put until retested
order-symptom_watch = Daily symptom check
order-exclusion = Exclusion from school or work

order-state-active = In force
order-state-ended = Ended
order-state-replaced = Replaced by another order
order-state-withdrawn = Withdrawn
order-state-aside = Set aside

zone-unit-household = Household
zone-unit-floor = Floor
zone-unit-unit = Unit or staircase
zone-unit-building = Building
zone-unit-compound = Residential compound

zone-level-high = High-risk area
zone-level-medium = Medium-risk area
zone-level-low = Low-risk area

plan-close = Close contact
plan-secondary = Contact of a close contact
plan-area_stay = Stayed in a high-risk area
plan-medium_area_stay = Stayed in a medium-risk area
plan-inbound = Arrival from abroad
plan-post_leaver = Leaving a high-risk post

destination-home = Home
destination-designated_hospital = Designated hospital
destination-temporary_hospital = Temporary hospital
destination-isolation_site = Isolation site
destination-outside_city = Outside the city

exemption-central_isolation = Found in isolation at a site, no spread outside it
exemption-home_isolation = Found in isolation at home, no spread outside the household
exemption-closed_loop = Closed-loop worker, nobody outside exposed
exemption-repositive = Positive again after discharge, no risk of spread
exemption-inbound_high_ct = Arrival from abroad with a past infection

prophylaxis-vaccine = Vaccine
prophylaxis-immunoglobulin = Immunoglobulin

# What is missing before somebody may leave.
still-needed-symptoms_relieved = Relief of symptoms on record
still-needed-fever_free = More days without fever
still-needed-lungs_improved = Improvement of the lungs on record
still-needed-lesions_healed = Healing of lesions on record
still-needed-clean_tests = More negative tests in a row
still-needed-tests_further_apart = Negative tests further apart
still-needed-later_tests = Negative tests from the first day that counts
still-needed-onset_date = The day of onset
still-needed-more_days = More days of isolation

sex-female = Female
sex-male = Male
sex-unknown = Not known

need-dialysis = Dialysis
need-chemotherapy = Chemotherapy
need-pregnancy = Pregnant
need-late_pregnancy = Late in pregnancy
need-infant = Infant
need-wheelchair = Wheelchair
need-stretcher = Stretcher
need-oxygen = Oxygen
need-chronic_medicine = Regular medicine
need-psychiatric = Psychiatric care
need-lives_alone = Lives alone
need-carer = Needs a carer
need-interpreter = Interpreter
need-pet = Pet to be cared for

key-group-inbound_contact = Contact with arrivals or inbound goods
key-group-isolation_staff = Staff of isolation sites
key-group-hospital_staff = Hospital staff
key-group-fever_clinic_staff = Fever clinic staff
key-group-courier = Couriers
key-group-transport = Transport workers
key-group-market = Market workers
key-group-school = Schools
key-group-care_home = Care homes
key-group-closed_loop = Closed-loop workers

known-yes = Yes
known-no = No
known-unknown = Not known

presence-present = Present
presence-away = Away
presence-exempt = Exempt
presence-refused = Refused
presence-unreachable = Could not be reached
presence-tested_elsewhere = Tested elsewhere
presence-unknown = Not known
presence-moved_in = Moved in
presence-moved_out = Moved out
list-source-police = Police register
list-source-property = Property manager
list-source-employer = Employer
list-source-school = School
list-source-other = Other list
linked-same = The same
linked-ask = To be looked at
linked-nobody = Nobody on the roster
identity-merge = Merged
identity-split = Split again
identity-distinct = Two people

purpose-isolation = People under isolation
purpose-key_person = Key persons and groups
purpose-area_screening = Screening of an area
purpose-expanded_screening = Expanded screening
purpose-community = Regular testing in the community
purpose-entry = Arrivals from elsewhere
purpose-recall = Pool member tested singly
round-state-planned = Planned
round-state-open = Open
round-state-closed = Closed
round-state-cancelled = Cancelled
round-state-refused = Not allowed
cover-resulted = Sampled, with a result
cover-waiting = Sampled, result awaited
cover-tested_elsewhere = Tested elsewhere
cover-exempt = Exempt
cover-refused = Refused
cover-away = Away
cover-unreachable = Could not be reached
cover-moved_out = Moved out
cover-present = There, not sampled yet
cover-unknown = Nobody knows

finding-negative = Negative
finding-positive = Positive
finding-inconclusive = Inconclusive
finding-invalid = Invalid

version-P = Preliminary
version-F = Final
version-C = Corrected
version-W = Posted on the wrong person
version-D = Deleted

contact-co_resident = Lives in the same home
contact-carer = Carer
contact-visitor = Visitor
contact-aerosol_procedure = Aerosol-generating procedure
contact-same_room = Same office, class or dormitory
contact-shared_space = Shared meal, lift or closed room
contact-vehicle = Same vehicle
contact-environment = Contaminated surroundings
contact-direct = Direct physical contact
contact-other = Other contact

tier-close = Close contact
tier-secondary = Contact of a close contact
tier-area_stay = Stayed in a risk area
circle-unit = Neighbours in the unit
circle-tube = In the same tube
circle-trip = On the same trip
circle-list = On the same list
circle-place = At the same place

facility-designated_hospital = Designated hospitals
facility-temporary_hospital = Temporary hospitals
facility-isolation_site = Isolation sites
facility-outside_city = Places outside the city

bed-free = Free
bed-held = Held
bed-occupied = Occupied
bed-cleaning = Being cleaned
bed-blocked = Out of use
facility-phase-planned = Planned
facility-phase-building = Under construction
facility-phase-open = Open
facility-phase-draining = Being emptied
facility-phase-closed = Closed

bed-rule-any = Anybody
bed-rule-female = Women
bed-rule-male = Men
bed-rule-family = Families

ride-positive = Positive
ride-contact = Contact

direction-pin = Vehicle or place chosen
direction-forbid = Vehicle or place ruled out
direction-first = Goes first
direction-free = Left to the plan

transfer-requested = Needed
transfer-booked = Booked
transfer-underway = On the way
transfer-admitted = Admitted
transfer-refused = Refused
transfer-cancelled = Cancelled

handover-picked_up = Picked up
handover-admitted = Admitted
handover-no_answer = No answer at the door
handover-refused = Refused
handover-cannot_move = Cannot be moved
handover-worse = Symptoms got worse
handover-handed_over = Handed over, by the crew
handover-discharged = Discharged
heard-lately = Heard of lately
heard-amber = Not heard of for some minutes
heard-silent = Silent
untaken-unknown = This transfer is none of this vehicle’s.
untaken-state = This does not fit how the transfer stands. The dispatch has been told to call you.
untaken-other = This was sent before with other content.
untaken-row = Something in it cannot be read.

request-emergency = Medical emergency
request-dialysis = Dialysis
request-chemotherapy = Chemotherapy
request-labour = Birth
request-medicine = Medicine
request-food = Food
request-infant = Needs of an infant
request-counselling = Counselling
request-exit_blocked = Blocked exit
request-appeal = Appeal
request-dispute = Dispute
request-information = Information
request-other = Other

supply-food_parcel = Food parcel
supply-water = Drinking water
supply-infant_parcel = Infant parcel
supply-medicine = Medicine
supply-hygiene = Hygiene items
supply-antigen_kit = Antigen test kit
supply-waste_bags = Waste bags

account-active = May sign in
account-disabled = Disabled

session-console = Console
session-api = Machine

standing-enrol = Has to enrol an authenticator
standing-code = Has to give a code
standing-password = Has to set a password
standing-full = Signed in

session-end-signed_out = Signed out
session-end-rotated = Went on under a fresh token
session-end-account_changed = Account changed
session-end-duty_revoked = Duty revoked
session-end-ended = Ended by an administrator

ground-source_unclear = Source and chains unclear
ground-long_spread = Spread in the community for long

signal-turnaround = Sooner than the assay takes
signal-run_before_receipt = Run begun before receipt
signal-before_run_end = Released before the run ended
signal-no_run = Results without a run
signal-polarity = Finding unlike its Ct
signal-internal_control = Negative without internal control
signal-internal_control_copied = Internal controls repeat
signal-internal_control_shift = Internal controls shifted
signal-wells = More tubes than wells
signal-ct_shift = Positives weaker than peers
signal-weak_missing = Weak positives missing
signal-positivity_low = Fewer positives than peers
signal-positivity_high = More positives than peers
signal-positives_and_ct = Positives and Ct unlike peers
signal-positivity_change = Positivity changed over time
signal-lot_positivity = Lot unlike other lots
signal-control_failed = Run reported despite a failed control
signal-control_drift = Positive control drifts
signal-overwritten = Open abnormal overwritten
signal-throughput = More tubes than validated

signal-level-look = Look at the rows
signal-level-alarm = Alarm: withhold and look
# Boxes of tubes.
box-state-packed = At the site
box-state-underway = On the way
box-state-received = Received
box-state-differs = Received with differences
box-state-lost = Lost
box-step-sent = Sent
box-step-received = Received
box-step-recounted = Counted again
box-step-lost = Lost
tube-state-packed = At the site
tube-state-underway = On the way
tube-state-received = Received
tube-state-missing = Missing
tube-state-broken = Broken
tube-word-found = Found
tube-word-missing = Missing
tube-word-broken = Broken
custody-doubt-count = Count and names differ on arrival
custody-doubt-sent = Count and names differ on departure
custody-doubt-unsent = Received without having been sent
custody-doubt-twice = Sent or received twice
custody-doubt-laboratory = At another laboratory
custody-doubt-lost = Box lost
custody-doubt-elsewhere = Tube in a box it was not packed in
custody-doubt-two_boxes = Tube packed in two boxes
custody-doubt-empty = Tube with nobody in it

follow-channel-phone = By telephone
follow-channel-door = At the door
follow-channel-video = By video
follow-channel-self_report = Told it themselves
follow-answer-reached = Spoken to
follow-answer-no_answer = No answer
follow-answer-away = Not there
follow-answer-refused = Does not wish to be asked
follow-state-followed = Followed
follow-state-symptoms = Symptoms, not tested yet
follow-state-refused = Does not wish to be asked
follow-state-missed = Missed for two days
follow-state-lost = Lost: missed for three days or more
follow-state-completed = Ended, spoken to on the last day
follow-state-unseen = Ended, not spoken to on the last day
follow-state-became_case = Became a case
follow-state-withdrawn = No exposure left
release-state-waits = Waits
release-state-put_off = Put off by an objection
release-state-released = Released
release-state-exposed = Exposed to another case
search-state-asked = Waits for a second person
search-state-done = Made
search-state-refused = Refused
search-state-deleted = Deleted
extension-wider = Wider
extension-longer = Longer
extension-state-asked = Waits for the city
extension-state-approved = Allowed
extension-state-refused = Refused
appeal-on-order = Order
appeal-on-area = Area
appeal-way-phone = By telephone
appeal-way-page = On the page
appeal-way-paper = On paper
appeal-way-door = At the door
appeal-state-open = Waits for a decision
appeal-state-upheld = Upheld
appeal-state-dismissed = Dismissed
unbacked-not_positive = No positive result counts
unbacked-withheld = The result is withheld
unbacked-not_received = No laboratory counted the tube in
unbacked-by_hand = The result was not given by a laboratory

gap-no_serial_interval = the rules name no serial interval
gap-no_cases = no cases in these days
gap-too_few = too few cases
gap-too_short = too few days
gap-not_told = nobody told
gap-refused = the method refuses these figures
delay-step-onset_to_found = Symptoms to finding
delay-step-sample_to_found = Sample to result
delay-step-request_to_pickup = Request to pick-up
delay-step-request_to_admission = Request to admission
clearing-clear = Clear
clearing-waiting = Only days are missing
clearing-unsettled = Positive tubes are open
clearing-no_rule = The rules name no days
tier-rung-community = Community
tier-rung-district = District rung
tier-rung-city = City rung
help-ambulance = Ambulance
help-brought = Brought at once
help-visit = Doctor to the door
step-taken = taken on
step-decided = decided
step-accepted = a hospital takes them
step-way_out = way out of the building
step-vehicle = vehicle
step-escort = who goes along
step-departed = on the way
step-refused = refused
step-helped = where help is
step-stood_down = no help needed
step-confirmed = confirmed by the person
ticket-state-waiting = Nobody has decided
ticket-state-underway = Help is on its way
ticket-state-ended = Ended
treat-state-due = Nobody has arranged it
treat-state-arranged = Arranged
treat-state-done = Had
treat-state-declined = Not wanted
treat-state-freed = Free to go
stock-enough = Enough
stock-low = Low: less than two days
stock-out = None left

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

"""PyVRP on a transfer instance, as shipments (see transfer_peer.py); nobody has to be served, at a price that is not worth paying. It
cannot state how long people wait or ride."""
import sys

from pyvrp import Model
from pyvrp.stop import MaxRuntime

from transfer_peer import main

LARGEST = 1_000
UNSERVED = 10**8


def solve(task, vehicles, requests, seconds):
    if len(requests) > LARGEST:
        sys.exit(f"more than {LARGEST} requests of a class: not tried")
    model = Model()
    used = sorted({q["location"] for q in requests} | {task.site_of(q)["location"] for q in requests}
                  | {v["at"] for v in vehicles} | {v["depot"] for v in vehicles})
    places = {place: model.add_location(*task.instance["locations_km"][place]) for place in used}
    depots = {place: model.add_depot(places[place]) for place in {v["at"] for v in vehicles} | {v["depot"] for v in vehicles}}
    sites = {f["location"]: f["unload_s"] for f in task.site.values()}
    doors = {q["location"] for q in requests}
    # a vehicle without equipment has no way to a door where it is needed alone
    plain, able = model.add_profile(), model.add_profile()
    closed = doors - {q["location"] for q in requests if not q["needs"]} - {v["at"] for v in vehicles}
    for a in used:
        for b in used:
            entry = sites.get(b, task.stop if b in doors else 0)
            drive, duration = int(task.matrix[a][b]), task.entry_s(a, b, entry)
            model.add_edge(places[a], places[b], drive, duration, able)
            if b not in closed:
                model.add_edge(places[a], places[b], drive, duration, plain)
    for v in vehicles:
        model.add_vehicle_type(1, [v["seats"], 99 if v["equipment"] else 0], depots[v["at"]], depots[v["depot"]], unit_distance_cost=1,
                               tw_early=min(v["ready"], task.horizon), tw_late=task.horizon,
                               profile=able if v["equipment"] else plain)
    for q in requests:
        f, board = task.site_of(q), task.per_person * q["persons"]
        model.add_shipment(places[q["location"]], places[f["location"]], q["release_s"] + task.stop, q["due_s"] + task.stop, board,
                           0, task.horizon, f["per_person_s"] * q["persons"], [q["persons"], 1 if q["needs"] else 0],
                           prize=UNSERVED, required=False)
    found = model.solve(MaxRuntime(seconds), seed=1, display=False, collect_stats=False).best
    plan = {}
    for route in found.routes():
        if route.is_feasible():
            visits = [(a.is_pickup(), requests[a.idx]["id"]) for a in route.schedule() if a.is_shipment()]
            plan[vehicles[route.vehicle_type()]["id"]] = task.steps(visits)
    return plan


main(solve)

"""VROOM on a transfer instance: shipments, the bed of each request chosen before (nearest with room, largest regret first), the
fleet split by class. It cannot state how long people wait or ride, nor a choice of bed, nor a change of class between trips.
Arguments: INSTANCE SECONDS PLAN; writes the plan in the format of the instances."""
import datetime
import json
import sys
import time

import numpy
import vroom

sys.path.insert(0, sys.argv[4])
from check import travel_s

instance, seconds, out = json.load(open(sys.argv[1])), float(sys.argv[2]), sys.argv[3]
since = time.monotonic()
places = range(len(instance["locations_km"]))
matrix = numpy.array([[travel_s(instance, a, b) for b in places] for a in places], dtype=numpy.uint32)


def beds():
    """The facility of each request: largest regret first, nearest with free beds."""
    free = {(f["id"], c): n for f in instance["facilities"] for c, n in f["beds"].items()}
    at = {f["id"]: f["location"] for f in instance["facilities"]}
    chosen = {}

    def ways(q):
        return sorted((int(matrix[q["location"]][at[f]]), f) for f in at if free.get((f, q["class"]), 0) >= q["persons"])

    def regret(q):
        w = ways(q)
        return (w[1][0] - w[0][0]) * q["persons"] if len(w) > 1 else 10**9

    for q in sorted(instance["requests"], key=regret, reverse=True):
        w = ways(q)
        if w:
            chosen[q["id"]] = w[0][1]
            free[w[0][1], q["class"]] -= q["persons"]
    return chosen


chosen = beds()
people = {c: sum(q["persons"] for q in instance["requests"] if q["class"] == c) for c in "PC"}
routes = []
share, fleets = people["P"] / max(1, sum(people.values())), {"P": [], "C": []}
wheelchair_first = sorted(instance["vehicles"], key=lambda v: (not v["equipment"], v["id"]))
for v in wheelchair_first:
    done = len(fleets["P"]) + len(fleets["C"])
    # those with equipment carry positives, who are the ones that need it
    want = bool(v["equipment"]) or len(fleets["P"]) < share * (done + 1)
    fleets["P" if want else "C"].append(v)
model_s = time.monotonic() - since
for c in "PC":
    asked = [q for q in instance["requests"] if q["class"] == c and q["id"] in chosen]
    if not asked or not fleets[c]:
        continue
    problem = vroom.Input()
    problem.set_durations_matrix(profile="car", matrix_input=matrix)
    for v in fleets[c]:
        problem.add_vehicle(vroom.Vehicle(v["id"] + 1, start=v["depot"], end=v["depot"], capacity=[v["seats"]],
                                          skills={1} if v["equipment"] else set(), time_window=vroom.TimeWindow(0, instance["horizon_s"])))
    for q in asked:
        f = instance["facilities"][chosen[q["id"]]]
        problem.add_shipment(
            vroom.ShipmentStep(q["id"] + 1, q["location"], default_setup=instance["stop_s"],
                               default_service=instance["per_person_s"] * q["persons"],
                               time_windows=[vroom.TimeWindow(q["release_s"], q["due_s"])]),
            vroom.ShipmentStep(q["id"] + 1, f["location"], default_setup=f["unload_s"], default_service=f["per_person_s"] * q["persons"]),
            amount=vroom.Amount([q["persons"]]), skills={1} if q["needs"] else set())
    # half of the time for each class, by one thread
    solution = problem.solve(exploration_level=5, nb_threads=1, timeout=datetime.timedelta(seconds=seconds / 2))
    table = solution.routes
    for vehicle, rows in table.groupby("vehicle_id", sort=True):
        steps = []
        for kind, job in zip(rows["type"], rows["id"]):
            if kind == "pickup":
                steps.append({"pickup": int(job) - 1})
            elif kind == "delivery":
                request = int(job) - 1
                last = steps[-1] if steps else {}
                if last.get("dropoff") == chosen[request]:
                    last["requests"].append(request)
                else:
                    steps.append({"dropoff": chosen[request], "requests": [request]})
        routes.append({"vehicle": int(vehicle) - 1, "steps": steps})
json.dump({"routes": routes}, open(out, "w"))
print(json.dumps({"took_s": time.monotonic() - since}))

"""What route solvers are given of a transfer instance, for `cargo xtask bench move`. None of them chooses beds or changes the class of a
vehicle between trips, so both are fixed before: the bed of each request is the nearest with room, largest regret first, and the
fleet is split by class. A peer is a function `solve(task, vehicles, requests, seconds)` that returns the steps of each vehicle.

Arguments: INSTANCE SECONDS PLAN DATA [online EVERY]. Online, requests are known from their release on; every EVERY seconds of the
day a vehicle that is empty leaves for the trip that the plan gives it next and drives it to its end, and all others are planned again."""
import json
import sys
import time

import numpy

sys.path.insert(0, sys.argv[4])
from check import travel_s


class Task:
    def __init__(self, instance):
        self.instance = instance
        places = range(len(instance["locations_km"]))
        self.matrix = numpy.array([[travel_s(instance, a, b) for b in places] for a in places], dtype=numpy.uint32)
        self.site = {f["id"]: f for f in instance["facilities"]}
        self.free = {(f["id"], c): n for f in instance["facilities"] for c, n in f["beds"].items()}
        self.chosen = {}
        self.horizon, self.stop, self.per_person = instance["horizon_s"], instance["stop_s"], instance["per_person_s"]
        self.ride_limit = instance["ride_limit_s"]

    def choose_beds(self, requests):
        """The facility of each request that has none: largest regret first, nearest with free beds. What is chosen is not looked at
        again. Returns the requests that have one."""

        def ways(q):
            sites = [f for f in self.site if self.free.get((f, q["class"]), 0) >= q["persons"]]
            return sorted((int(self.matrix[q["location"]][self.site[f]["location"]]), f) for f in sites)

        def regret(q):
            w = ways(q)
            return (w[1][0] - w[0][0]) * q["persons"] if len(w) > 1 else 10**9

        for q in sorted((q for q in requests if q["id"] not in self.chosen), key=regret, reverse=True):
            w = ways(q)
            if w:
                self.chosen[q["id"]] = w[0][1]
                self.free[w[0][1], q["class"]] -= q["persons"]
        return [q for q in requests if q["id"] in self.chosen]

    def fleets(self):
        """Vehicles by class, by the people of each; those with equipment carry positives, who are the ones that need it."""
        people = {c: sum(q["persons"] for q in self.instance["requests"] if q["class"] == c) for c in "PC"}
        share, fleets = people["P"] / max(1, sum(people.values())), {"P": [], "C": []}
        for v in sorted(self.instance["vehicles"], key=lambda v: (not v["equipment"], v["id"])):
            done = len(fleets["P"]) + len(fleets["C"])
            positive = bool(v["equipment"]) or len(fleets["P"]) < share * (done + 1)
            fleets["P" if positive else "C"].append(dict(v, at=v["depot"], ready=0))
        return fleets

    def site_of(self, q):
        return self.site[self.chosen[q["id"]]]

    def entry_s(self, a, b, arriving_s):
        """From one place to another with the stop there, which is made once for all who board or get off."""
        return 0 if a == b else int(self.matrix[a][b]) + arriving_s

    def steps(self, visits):
        """Steps of the format from pairs (pick-up or not, request)."""
        steps = []
        for picks, request in visits:
            if picks:
                steps.append({"pickup": request})
            elif steps and steps[-1].get("dropoff") == self.chosen[request]:
                steps[-1]["requests"].append(request)
            else:
                steps.append({"dropoff": self.chosen[request], "requests": [request]})
        return steps


def first_trip(task, vehicle, steps, requests, now):
    """Steps until the vehicle is empty again, where and when that is."""
    at, time_s, on = vehicle["at"], max(vehicle["ready"], now), set()
    for number, step in enumerate(steps):
        if "pickup" in step:
            q = requests[step["pickup"]]
            drive = int(task.matrix[at][q["location"]])
            stop = task.stop if at != q["location"] else 0
            time_s = max(time_s + drive, q["release_s"]) + stop + task.per_person * q["persons"]
            at = q["location"]
            on.add(q["id"])
        else:
            f, leave = task.site[step["dropoff"]], step["requests"]
            people = sum(requests[r]["persons"] for r in leave)
            time_s += task.entry_s(at, f["location"], f["unload_s"]) + f["per_person_s"] * people
            at = f["location"]
            on -= set(leave)
        if not on:
            return steps[: number + 1], at, time_s
    return steps, at, time_s


def day(task, solve, seconds, every):
    """The day as it comes."""
    fleets, requests = task.fleets(), {q["id"]: q for q in task.instance["requests"]}
    waiting = sorted(requests.values(), key=lambda q: (q["release_s"], q["id"]))
    pending, routes, now = {"P": [], "C": []}, {}, 0
    share = seconds / (task.horizon / every + 1) / 2
    while now <= task.horizon and (waiting or any(pending.values())):
        while waiting and waiting[0]["release_s"] <= now:
            q = waiting.pop(0)
            pending[q["class"]] += task.choose_beds([q])
        for c in "PC":
            if not pending[c] or not fleets[c]:
                continue
            vehicles = [dict(v, ready=max(v["ready"], now)) for v in fleets[c]]
            plan = solve(task, vehicles, pending[c], share)
            for v in fleets[c]:
                steps = plan.get(v["id"])
                if not steps or v["ready"] >= now + every:
                    continue
                trip, v["at"], v["ready"] = first_trip(task, v, steps, requests, now)
                routes.setdefault(v["id"], []).extend(trip)
                gone = {step["pickup"] for step in trip if "pickup" in step}
                pending[c] = [q for q in pending[c] if q["id"] not in gone]
        now += every
    return routes


def main(solve):
    task, seconds = Task(json.load(open(sys.argv[1]))), float(sys.argv[2])
    since = time.monotonic()
    if len(sys.argv) > 5:
        routes = day(task, solve, seconds, int(sys.argv[6]))
    else:
        routes, fleets = {}, task.fleets()
        asked = task.choose_beds(task.instance["requests"])
        for c in "PC":
            of_class = [q for q in asked if q["class"] == c]
            if of_class and fleets[c]:
                # half of the time for each class, by one thread
                routes.update(solve(task, fleets[c], of_class, seconds / 2))
    json.dump({"routes": [{"vehicle": v, "steps": steps} for v, steps in routes.items()]}, open(sys.argv[3], "w"))
    print(json.dumps({"took_s": time.monotonic() - since}))

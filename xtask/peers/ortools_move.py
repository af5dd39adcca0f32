"""OR-Tools on a transfer instance, as pairs of pick-up and delivery (see transfer_peer.py). The minutes of people from release to arrival
are a soft bound of the delivery, the ride has its limit."""
import sys

import numpy
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from transfer_peer import main

LARGEST = 1_000
UNSERVED = 10**8


def solve(task, vehicles, requests, seconds):
    if len(requests) > LARGEST:
        sys.exit(f"more than {LARGEST} requests of a class: not tried")
    many, fleet = len(requests), len(vehicles)
    # pick-ups, deliveries, where vehicles are, where they end
    place = [q["location"] for q in requests] + [task.site_of(q)["location"] for q in requests]
    place += [v["at"] for v in vehicles] + [v["depot"] for v in vehicles]
    people = [q["persons"] for q in requests]
    arriving = [task.stop] * many + [task.site_of(q)["unload_s"] for q in requests] + [0] * 2 * fleet
    service = [task.per_person * n for n in people] + [task.site_of(q)["per_person_s"] * q["persons"] for q in requests]
    service += [0] * 2 * fleet
    at, enters = numpy.array(place), numpy.array(arriving)
    drive = task.matrix[numpy.ix_(at, at)].astype(int) + enters[None, :] * (at[:, None] != at[None, :])
    times = (numpy.array(service)[:, None] + drive).tolist()
    manager = pywrapcp.RoutingIndexManager(len(place), fleet, list(range(2 * many, 2 * many + fleet)),
                                           list(range(2 * many + fleet, 2 * many + 2 * fleet)))
    routing = pywrapcp.RoutingModel(manager)
    transit = routing.RegisterTransitMatrix(times)
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterUnaryTransitVector([0] * len(place)))
    routing.AddDimension(transit, task.horizon, task.horizon, False, "time")
    clock = routing.GetDimensionOrDie("time")
    clock.SetSpanCostCoefficientForAllVehicles(1)
    load = routing.RegisterUnaryTransitVector(people + [-n for n in people] + [0] * 2 * fleet)
    routing.AddDimensionWithVehicleCapacity(load, 0, [v["seats"] for v in vehicles], True, "load")
    solver = routing.solver()
    for number, v in enumerate(vehicles):
        clock.CumulVar(routing.Start(number)).SetMin(min(v["ready"], task.horizon))
    able = [number for number, v in enumerate(vehicles) if v["equipment"]]
    for number, q in enumerate(requests):
        up, down = manager.NodeToIndex(number), manager.NodeToIndex(many + number)
        routing.AddPickupAndDelivery(up, down)
        solver.Add(routing.VehicleVar(up) == routing.VehicleVar(down))
        solver.Add(clock.CumulVar(up) <= clock.CumulVar(down))
        solver.Add(clock.CumulVar(down) - clock.CumulVar(up) <= task.ride_limit + service[number] + arriving[many + number])
        clock.CumulVar(up).SetRange(min(q["release_s"] + task.stop, task.horizon), min(q["due_s"] + task.stop, task.horizon))
        clock.SetCumulVarSoftUpperBound(down, q["release_s"], q["persons"])
        routing.AddDisjunction([up], UNSERVED)
        routing.AddDisjunction([down], UNSERVED)
        if q["needs"]:
            routing.VehicleVar(up).SetValues([-1] + able)
    wanted = pywrapcp.DefaultRoutingSearchParameters()
    wanted.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    wanted.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    wanted.time_limit.FromMilliseconds(max(1, int(seconds * 1000)))
    found = routing.SolveWithParameters(wanted)
    plan = {}
    for number, v in enumerate(vehicles if found else []):
        index, visits = found.Value(routing.NextVar(routing.Start(number))), []
        while not routing.IsEnd(index):
            node = manager.IndexToNode(index)
            visits.append((node < many, requests[node % many]["id"]))
            index = found.Value(routing.NextVar(index))
        if visits:
            plan[v["id"]] = task.steps(visits)
    return plan


main(solve)

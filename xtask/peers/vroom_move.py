"""VROOM on a transfer instance, as shipments (see transfer_peer.py). It cannot state how long people wait or ride."""
import datetime

import vroom

from transfer_peer import main


def solve(task, vehicles, requests, seconds):
    problem = vroom.Input()
    problem.set_durations_matrix(profile="car", matrix_input=task.matrix)
    for v in vehicles:
        problem.add_vehicle(vroom.Vehicle(v["id"] + 1, start=v["at"], end=v["depot"], capacity=[v["seats"]],
                                          skills={1} if v["equipment"] else set(),
                                          time_window=vroom.TimeWindow(min(v["ready"], task.horizon), task.horizon)))
    for q in requests:
        f = task.site_of(q)
        problem.add_shipment(
            vroom.ShipmentStep(q["id"] + 1, q["location"], default_setup=task.stop, default_service=task.per_person * q["persons"],
                               time_windows=[vroom.TimeWindow(q["release_s"], q["due_s"])]),
            vroom.ShipmentStep(q["id"] + 1, f["location"], default_setup=f["unload_s"],
                               default_service=f["per_person_s"] * q["persons"]),
            amount=vroom.Amount([q["persons"]]), skills={1} if q["needs"] else set())
    solution = problem.solve(exploration_level=5, nb_threads=1, timeout=datetime.timedelta(seconds=seconds))
    return {
        int(vehicle) - 1: task.steps(
            [(kind == "pickup", int(job) - 1) for kind, job in zip(rows["type"], rows["id"]) if kind in ("pickup", "delivery")])
        for vehicle, rows in solution.routes.groupby("vehicle_id", sort=True)
    }


main(solve)

"""epiworld: SEIR of R0 2.8 in which everybody meets everybody, without measures. Prints one JSON object."""
import json, sys, time
from epiworldpy import epimodels

people, days = int(sys.argv[1]), int(sys.argv[2])
since = time.process_time()
model = epimodels.ModelSEIRCONN(name="seir", n=people, prevalence=20 / people, contact_rate=4.0, transmission_rate=0.1,
                                incubation_days=3.0, recovery_rate=1 / 7)
model.verbose_off()
model.run(days, 1)
left = int(model.get_db().get_today_total()["counts"][0])
print(json.dumps({"cpu_s": time.process_time() - since, "infections": people - left}))

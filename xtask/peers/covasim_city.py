"""Covasim: home, school, work, community; symptom tests, tracing, quarantine. Prints one JSON object."""
import json, sys, time
import covasim as cv

people, days = int(sys.argv[1]), int(sys.argv[2])
since = time.process_time()
sim = cv.Sim(
    pop_size=people, pop_type="hybrid", n_days=days, pop_infected=20, rescale=False, rand_seed=1, verbose=0,
    beta=0.04,  # so that, as in the runs beside it, most people are infected in spite of tests and tracing
    interventions=[
        cv.test_prob(symp_prob=0.5, asymp_prob=0.0, test_delay=1),
        cv.contact_tracing(trace_probs=dict(h=1.0, s=0.6, w=0.6, c=0.1), trace_time=1),
    ],
)
sim.run()
print(json.dumps({"cpu_s": time.process_time() - since, "infections": int(sim.summary["cum_infections"])}))

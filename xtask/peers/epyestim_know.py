"""R of 200 days and of 41 units of 1,000 days with epyestim's posterior (mean and sd; it has no quantiles here), timed and
compared with the estimates beside the series. Usage: epyestim_know.py FOLDER SI. The last line is a JSON object."""
import csv, glob, json, statistics, sys, time, warnings
from importlib.metadata import version
import numpy, pandas
warnings.filterwarnings("ignore")
from epyestim.estimate_r import estimate_r

folder, si = sys.argv[1:3]
weights = numpy.array([float(row["w"]) for row in csv.DictReader(open(si))])

def series(path):
    data = pandas.read_csv(path)["incidence"]
    data.index = pandas.date_range("2020-01-01", periods=len(data))
    return data

def run(data):
    return estimate_r(data, weights, 1, 5, 7)

short = series(folder + "/short.incidence.csv")
run(short)
seconds = []
for _ in range(31):
    start = time.perf_counter()
    found = run(short)
    seconds.append(time.perf_counter() - start)
units = [series(path) for path in sorted(glob.glob(folder + "/unit*.incidence.csv"))]
start = time.perf_counter()
for unit in units:
    run(unit)
everything = time.perf_counter() - start
ours = pandas.read_csv(folder + "/short.estimates.csv").dropna()
theirs = found["R_mean"].to_numpy()[-len(ours):] if "R_mean" in found else found.iloc[:, 0].to_numpy()[-len(ours):]
if "a_posterior" in found:
    theirs = (found["a_posterior"] * found["b_posterior"]).to_numpy()[-len(ours):]
worst = float(numpy.max(numpy.abs(theirs[20:] / ours["mean"].to_numpy()[20:] - 1)))
print(json.dumps({"version": version("epyestim"), "cori_200_s": statistics.median(seconds), "cori_41x1000_s": everything, "worst": worst}))

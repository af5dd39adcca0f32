# R of 200 days and of 41 units of 1,000 days with EpiEstim, timed, and compared with the estimates beside the series.
# Usage: Rscript epiestim_know.R FOLDER. The last line is a JSON object.
suppressMessages(library(EpiEstim))
folder <- commandArgs(TRUE)[1]
run <- function(file) {
  cases <- read.csv(file)$incidence
  n <- length(cases)
  config <- make_config(list(mean_si = 2.6, std_si = 1.5, t_start = 2:(n - 6), t_end = 8:n))
  suppressMessages(suppressWarnings(estimate_R(cases, method = "parametric_si", config = config)))$R
}
units <- Sys.glob(file.path(folder, "unit*.incidence.csv"))
worst <- 0
same <- TRUE
compare <- function(file, found) {
  ours <- as.matrix(read.csv(sub("incidence", "estimates", file)))
  theirs <- as.matrix(found[, c("t_start", "t_end", "Mean(R)", "Std(R)", "Quantile.0.025(R)", "Quantile.0.05(R)",
    "Quantile.0.25(R)", "Median(R)", "Quantile.0.75(R)", "Quantile.0.95(R)", "Quantile.0.975(R)")])
  worst <<- max(worst, abs(ours / theirs - 1), na.rm = TRUE)
  same <<- same && all(is.na(ours) == is.na(theirs))
}
short <- file.path(folder, "short.incidence.csv")
compare(short, run(short))
one <- sapply(1:9, function(i) system.time(run(short))[["elapsed"]])
found <- list()
all <- system.time(for (file in units) found[[file]] <- run(file))[["elapsed"]]
for (file in units) compare(file, found[[file]])
cat(sprintf('{"version":"%s","cori_200_s":%.5f,"cori_41x1000_s":%.4f,"worst":%.3e,"same_na":%d}\n',
  packageVersion("EpiEstim"), median(one), all, worst, as.integer(same)))

"""A small benchmark and the words that ask for it, for its tests."""

from training.benchmark.plan import Plan

PILOTS = ("velocity-profile+naive", "hoverslam+naive")
PLAN = Plan(PILOTS, ("hakuto-r-m2",), ("latency", "ideal"), landings=6, chunk=4, optima=0)
WORDS = [
    *("benchmark", "--pilots", ",".join(PILOTS), "--scenarios", "latency", "ideal"),
    *("--landings", "6", "--chunk", "4", "--optima", "0", "--workers", "1"),
]

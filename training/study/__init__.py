"""A study: several ways to train a policy, with equal time, over tasks and seeds.

Read in this order: `plan` (what a TOML file asks for), `run` (one training run and its landings),
`measures` (interquartile means and their intervals), `results` (all runs), `page` and `plots`.
"""

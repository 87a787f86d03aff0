"""How the shop speaks with carriers: adapters, labels, and what they report of parcels.

- `base`: what every carrier can do, and the words for it; `adapters` finds a carrier's own.
- `labels`: a label is asked for once, by a key that is stored before the first try.
- `doubts`: labels that were given up, voided or answered late are put right with the carrier.
- `inbox` keeps what carriers report, `applying` moves our state by it, forward only.
"""

"""Reference implementation of the job-duration upper bound. Pure; numpy only for speed.
bound(runs, now, elapsed, q) -> dict(bound, samples, reason, unsettled, level)
  runs    iterable of (start, duration, status); status 'success' | 'failure' | 'cancelled'; seconds
  now     instant; a run is known only if start + duration <= now
  elapsed seconds the job has already run (0 = about to start)
  q       0.5 ... 0.999 (clamped)
bound is None when no finished success is known (the caller falls back: pool, CI timeout, default)."""
import math
import numpy as np

WINDOW   = 60      # successes looked at (and at most as many censored runs)
DECAY    = 0.975   # weight per run of age, slow part
FRESH    = 2.0     # extra weight of the newest run
FRESHDEC = 0.6     # ... and its decay per run of age
OWN      = 0.8     # weight of the coming run itself
SPREAD   = 0.0355  # logistic scale (log duration) of "like one of the past runs", before learning
TAIL     = 0.12    # mean log excess of a run unlike the past ones
LEVEL    = 0.032   # chance that the level changes at this very run: LEVEL * learn^2 * n/(n+LEVEL_N)
LEVEL_N  = 3.0     # a level must have been seen a few times before it can change
LEVELTAIL= 1.0     # mean log excess over the maximum when it does
LEARN    = 45.0    # runs after which SPREAD and LEVEL have halved
REC_FROM = 4       # records among the first 4 runs say nothing
REC_UNIT = 0.03    # log excess of a record that counts as one
REC_CAP  = 2.5     # ... and the most one record can count
REC_DEC  = 0.95    # memory of records per run
WIDEN    = 0.3     # widening of the spread per unit of unrest
JUMP_UNIT= 0.15    # log excess of a record that counts as a full jump
JUMP     = 1.5     # extra freshness of a full jump
UNSETTLED= 2.0     # unrest from which the series is reported as unsettled
CAP, CAP_T, CAP_C = math.log(8), math.log(4), math.log(2)   # beyond max, beyond elapsed, beyond censored
CENSORED = 1.0     # weight of a censored run relative to a success of its age
SUCCESS  = 'success'

def known(runs, now):
    """newest first; total order (finish descending, successes first, duration ascending), so input order is irrelevant"""
    k = [(-(s + d), 0 if st == SUCCESS else 1, d) for s, d, st in runs if d > 0 and s + d <= now]
    k.sort()
    ok, cens = [], []
    for end, other, d in k:
        if not other:
            if len(ok) == WINDOW: break
            ok.append(math.log(d))
        elif len(cens) < WINDOW:
            cens.append((math.log(d), len(ok)))       # (log duration, age in successes)
    return ok, cens

def model(ok, cens):
    n = len(ok)
    w = [DECAY**i + FRESH * FRESHDEC**i for i in range(n)]
    unrest, top = 0.0, ok[n-1]
    for i in range(n-2, -1, -1):                       # oldest to newest
        k = n - i                                      # this is the k-th run of the window
        e = ok[i] - top
        if e > 0: top = ok[i]
        gain = 0.0
        if k > REC_FROM:
            gain = -1.0 / k                            # exchangeable runs set a record with chance 1/k
            if e > 0:
                gain += min(e / REC_UNIT, REC_CAP)
                w[i] += FRESH * FRESHDEC**i * JUMP * min(e / JUMP_UNIT, 1.0)
        unrest = unrest * REC_DEC + gain
    unrest = max(unrest, 0.0)
    learn = LEARN / (LEARN + n)
    x, w = np.array(ok), np.array(w)
    W = float(w.sum())
    m = max(ok)
    h = SPREAD * learn * (1 + WIDEN * unrest)
    eps = LEVEL * learn * learn * n / (n + LEVEL_N)
    own = OWN / (W + OWN)
    def base(y):
        e = y - x
        like = float((w / (1 + np.exp(np.minimum(e / h, 700.0)))).sum()) / W
        tail = float((w * np.exp(-np.maximum(e, 0.0) / TAIL)).sum()) / W
        return eps * math.exp(-max(y - m, 0.0) / LEVELTAIL) + (1 - eps) * ((1 - own) * like + own * tail)
    # censored runs, longest first: each gives its weight to what is longer than it, as known so far
    steps, total = [], W                               # (c, share of it in the total so far, S(min(c, m)) before it)
    def survival(y):
        s = base(y)
        for c, share, at in steps:
            r = 1.0
            if y > c:
                r = min(1.0, s / at)
                if c > m: r = max(r, math.exp(-(y - c) / TAIL))
            s += share * (r - s)
        return s
    for c, a in sorted(cens, key=lambda z: (-z[0], z[1])):
        v = CENSORED * (DECAY**a + FRESH * FRESHDEC**a)
        total += v
        steps.append((c, v / total, survival(min(c, m))))
    return survival, m, unrest

def bound(runs, now, elapsed=0.0, q=0.95):
    ok, cens = known(runs, now)
    n = len(ok)
    if n == 0: return dict(bound=None, samples=0, reason='none', unsettled=False, unrest=0.0)
    q = min(max(q, 0.5), 0.999)
    survival, m, unrest = model(ok, cens)
    p, lo, cap = 1 - q, min(ok) - 1.0, m + CAP
    if cens: cap = max(cap, max(c for c, a in cens) + CAP_C)
    if elapsed > 0:
        t = math.log(elapsed)
        p *= survival(t)
        lo = max(lo, t); cap = max(cap, t + CAP_T)
    if survival(cap) > p: y = cap
    else:
        hi = cap
        for _ in range(50):
            mid = 0.5 * (lo + hi)
            if survival(mid) > p: lo = mid
            else: hi = mid
        y = hi
    unsettled = unrest >= UNSETTLED
    reason = 'few' if n <= 5 else ('unsettled' if unsettled else 'settled')
    return dict(bound=max(math.exp(y), elapsed), samples=n, reason=reason, unsettled=unsettled, unrest=unrest)

"""Consumer groups under the classic rebalance protocol, as a pure state machine.

`Group` is the state; `join`, `sync`, `heartbeat`, `leave`, `commit` and `expiry` hold one function each for
what may happen to it. Each takes the current time, changes the group and returns `Effects`: whom to answer,
and whether the group must be saved first. Nobody here waits: a member whose JoinGroup or SyncGroup has to
wait is remembered by its token, and answered by whichever later event completes the rebalance.

Times are seconds of one monotonic clock, timeouts are milliseconds as on the wire.
"""

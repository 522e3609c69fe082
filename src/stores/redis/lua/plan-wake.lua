#!lua
-- Plans the wake of a phone and replaces a planned one. A gateway that has taken the old wake identifies it by the time
-- at which it is due again. The new wake is never due at that time, or the gateway would remove it.
local phone, due_at = ARGV[2], now + tonumber(ARGV[3])
local present = redis.call('ZSCORE', WAKES, phone)
if present and tonumber(present) == due_at then due_at = due_at + 1 end
redis.call('ZADD', WAKES, text(due_at), phone)
return 1

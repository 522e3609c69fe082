#!lua
-- Plans the wake of a phone, in the place of what was planned for it. Who took that one knows it by the instant at which it
-- falls due again: the new plan never falls on that, or he would finish it.
local phone, due_at = ARGV[2], now + tonumber(ARGV[3])
local present = redis.call('ZSCORE', WAKES, phone)
if present and tonumber(present) == due_at then due_at = due_at + 1 end
redis.call('ZADD', WAKES, text(due_at), phone)
return 1

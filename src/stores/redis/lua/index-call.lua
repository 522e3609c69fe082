#!lua
-- Adds a callee to the index of calls with this id, for as long as calls are kept.
local key, callee, keep_ms = KEYS[1], ARGV[1], ARGV[2]
redis.call('SADD', key, callee)
redis.call('PEXPIRE', key, keep_ms)
return 1

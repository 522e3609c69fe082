#!lua flags=allow-oom
-- Forgets a push that failed or expired, ahead of its time.
local id = ARGV[2]
local state = redis.call('HGET', push_key(id), 'state')
if state ~= 'failed' and state ~= 'expired' then return 0 end
forget_push(id)
return 1

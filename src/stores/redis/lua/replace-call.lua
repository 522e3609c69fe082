#!lua flags=allow-oom
-- Replaces the call that was read, if it is unchanged, and notifies the other gateways.
local callee, id, started_at, revision, record, channel, change = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8]
local stored = redis.call('HGET', calls_key(callee), id)
if not stored then return 0 end
local found = cjson.decode(stored)
if found.startedAt ~= tonumber(started_at) or found.revision ~= tonumber(revision) then return 0 end
redis.call('HSET', calls_key(callee), id, record)
tell(channel, change)
return 1

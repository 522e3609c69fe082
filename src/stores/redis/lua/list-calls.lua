#!lua flags=no-writes
-- Returns the calls of one subscriber that began at or after a time, newest first.
local callee, since, limit = ARGV[2], ARGV[3], ARGV[4]
local ids = redis.call('ZRANGE', call_times_key(callee), '+inf', since, 'BYSCORE', 'REV', 'LIMIT', 0, limit)
if #ids == 0 then return {} end
local records = {}
for _, record in ipairs(redis.call('HMGET', calls_key(callee), unpack(ids))) do
  if record then records[#records + 1] = record end
end
return records

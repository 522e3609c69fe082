#!lua flags=allow-oom
-- Visits a batch of the pushes that are due later than a lease lasts. Those that are leased, or wait for a retry longer
-- than any pause, are moved to the end of a new lease, because the clock was set back. Returns the numbers of visited
-- and moved pushes.
local lease_ends, latest, offset, limit = now + tonumber(ARGV[2]), now + tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local function count_after(key, instant) return redis.call('ZCOUNT', key, '(' .. text(instant), '+inf') end

-- Pushes that wait for a retry are in both sets, so two counts usually show that nothing is wrong.
local later = count_after(queue_key('calls'), lease_ends) + count_after(queue_key('others'), lease_ends)
if later == count_after(WAITING, lease_ends) and count_after(WAITING, latest) == 0 then return { 0, 0 } end

local seen, moved = 0, 0
for _, name in ipairs(QUEUES) do
  local key = queue_key(name)
  local found = redis.call('ZRANGE', key, '(' .. text(lease_ends), '+inf', 'BYSCORE', 'LIMIT', offset, limit, 'WITHSCORES')
  seen = math.max(seen, #found / 2)
  for i = 1, #found, 2 do
    local id = found[i]
    local is_waiting = redis.call('ZSCORE', WAITING, id)
    if not is_waiting or tonumber(found[i + 1]) > latest then
      redis.call('ZADD', key, text(lease_ends), id)
      if is_waiting then redis.call('ZADD', WAITING, text(lease_ends), id) end
      moved = moved + 1
    end
  end
end
return { seen, moved }

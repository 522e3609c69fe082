#!lua flags=allow-oom
-- Forgets a push that failed or expired, ahead of its time.
local id = ARGV[2]
if not is_dead_letter(push_key(id)) then return 0 end
forget_push(id)
return 1

"""Lua scripts that the store runs atomically. Any key may hold a value of any type, written by another program."""

# Acquires a lease if it is free: 1 if acquired, 0 if another instance holds it. A key without expiry, or with a longer
# one than a lease has, is not a lease and is overwritten. ARGV: the holder's token, milliseconds.
ACQUIRE_LEASE = """
local token, duration = ARGV[1], tonumber(ARGV[2])
if redis.call('set', KEYS[1], token, 'NX', 'PX', duration) then return 1 end
local remaining = redis.call('pttl', KEYS[1])
if remaining >= 0 and remaining <= duration then return 0 end
redis.call('set', KEYS[1], token, 'PX', duration)
return 1
"""
RENEW_LEASE = (
    "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0"
)
RELEASE_LEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"

# Refills a token bucket, KEYS[1], by the store's clock, which may be set back. KEYS[2] holds the calls in transit. The
# token of a call stays out of the bucket until the call has arrived, or has been in transit for so long that it must
# have arrived. ARGV: tokens per second, burst, the maximum transit time in microseconds, the call's id.
_REFILL = """
local time = redis.call('time')
local now = time[1] * 1000000 + time[2]
local rate, burst, transit, call = tonumber(ARGV[1]) / 1000000, tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local bucket = redis.pcall('hmget', KEYS[1], 'tokens', 'at')
if bucket.err then redis.call('del', KEYS[1]) end
if redis.call('type', KEYS[2]).ok ~= 'zset' then redis.call('del', KEYS[2]) end
local tokens, refilled_at = tonumber(bucket[1]), tonumber(bucket[2])
if tokens and tokens >= 0 and refilled_at then
  local capacity = math.max(0, burst - redis.call('zcard', KEYS[2]))
  tokens = math.min(capacity, tokens + math.max(0, now - refilled_at) * rate)
else
  tokens = burst
end
redis.call('zremrangebyscore', KEYS[2], '-inf', now)
redis.call('zremrangebyscore', KEYS[2], string.format('(%.0f', now + transit), '+inf')
"""
_SAVE = """
redis.call('hset', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.0f', now))
redis.call('pexpire', KEYS[1], math.ceil(math.max(burst / rate, transit) / 1000) + 1000)
redis.call('pexpire', KEYS[2], math.ceil(transit / 1000) + 1000)
"""
# Returns 0 if a token was taken, otherwise the microseconds until there is one.
TAKE_TOKEN = f"""{_REFILL}
local wait = 0
if tokens >= 1 then
  tokens = tokens - 1
  redis.call('zadd', KEYS[2], string.format('%.0f', now + transit), call)
else
  wait = math.ceil((1 - tokens) / rate)
end
{_SAVE}
return wait
"""
END_TRANSIT = f"{_REFILL} redis.call('zrem', KEYS[2], call) {_SAVE} return 0"

# Writes a value and reads it back, to check that the store can be used.
PROBE = "redis.call('set', KEYS[1], ARGV[1], 'PX', 1000) return redis.call('get', KEYS[1])"

-- Sends the bodies of a file, one per line, in turn. "callers": each request has another caller. Prints a line of JSON.
local before, after, sent = {}, {}, 0

function init(arguments)
  local callers = arguments[2] == "callers"
  for body in io.lines(arguments[1]) do
    local headers = { ["Content-Type"] = "application/json", ["Authorization"] = "Bearer @CALLER@" }
    local request = wrk.format("POST", nil, headers, body)
    local from, to = request:find("@CALLER@", 1, true)
    before[#before + 1] = request:sub(1, from - 1)
    after[#after + 1] = request:sub(to + 1)
    if not callers then before[#before], after[#after] = before[#before] .. "one" .. after[#after], nil end
  end
end

function request()
  local place = sent % #before + 1
  sent = sent + 1
  if after[place] then return before[place] .. string.format("%09d", sent) .. after[place] end
  return before[place]
end

function done(summary, latency)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('\n{"requests": %d, "seconds": %f, "bytes": %d, "failures": %d, "p50": %f, "p99": %f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, failures,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end

-- Calls with the bearer tokens of a file, in turn. Each thread starts at another place of the list.
-- Arguments: the file of tokens ("" for none), the path. Prints one line of JSON when done.
local authorizations = {}
local path = "/"
local counter = 0
local threads = 0

function setup(thread)
  thread:set("offset", threads * 1250)
  threads = threads + 1
end

function init(args)
  path = args[2]
  if args[1] ~= "" then
    for line in io.lines(args[1]) do
      authorizations[#authorizations + 1] = wrk.format("GET", path, {["Authorization"] = "Bearer " .. line})
    end
  else
    authorizations[1] = wrk.format("GET", path)
  end
  counter = offset
end

function request()
  counter = counter + 1
  return authorizations[counter % #authorizations + 1]
end

function done(summary, latency)
  io.write(string.format(
    '\nRESULT {"requests": %d, "seconds": %.6f, "refused": %d, "broken": %d, "p50_ms": %.3f, "p99_ms": %.3f}\n',
    summary.requests, summary.duration / 1e6, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end

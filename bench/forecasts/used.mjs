// Imported by a process that is measured: at its end, what it used goes into a file: its largest resident set in KiB, and its
// seconds of computing on all threads, which other work on the machine does not add to as it does to wall time.
import { writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const path = process.env['BENCHMARK_USED']
if (path !== undefined && isMainThread)
  process.on('exit', () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
    writeFileSync(path, JSON.stringify({ kibibytes: maxRSS, seconds: (userCPUTime + systemCPUTime) / 1e6 }))
  })

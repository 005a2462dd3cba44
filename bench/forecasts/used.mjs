// Imported by a process that is measured: at its end, its largest resident set in KiB goes into a file.
import { writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const path = process.env['BENCHMARK_PEAK']
if (path !== undefined && isMainThread) process.on('exit', () => writeFileSync(path, String(process.resourceUsage().maxRSS)))

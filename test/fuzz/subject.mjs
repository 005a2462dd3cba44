// Runs command lines of a built program in this process, as they are sent: node subject.mjs <folder of the program> <folder to stand in>
import { clearInterval, setInterval } from 'node:timers'
import { pathToFileURL } from 'node:url'

const [program, folder] = process.argv.slice(2)
const { runCommandLine } = await import(pathToFileURL(`${program}/cli/run.js`).href)
process.chdir(folder)

process.on('message', async ({ words, interrupt }) => {
  const text = { out: '', err: '' }
  const stream = (name) => ({
    columns: 100,
    write: (piece, done) => {
      text[name] += piece
      done?.()
      return true
    },
  })
  const listeners = new Set()
  // Once, when somebody listens: pressed twice it ends the process.
  const timer =
    interrupt === undefined
      ? undefined
      : setInterval(() => {
          if (listeners.size === 0) return
          clearInterval(timer)
          for (const listener of listeners) listener()
        }, interrupt)
  const began = process.cpuUsage()
  let code
  try {
    code = await runCommandLine(words, {
      stdout: stream('out'),
      stderr: stream('err'),
      env: { LATENT_ODE_THREADS: '1' },
      onInterrupt: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    })
  } catch (error) {
    code = -1
    text.err += error?.stack ?? String(error)
  }
  clearInterval(timer)
  const { user, system } = process.cpuUsage(began)
  process.send({
    code,
    err: text.err.slice(-4000),
    out: text.out.length,
    seconds: (user + system) / 1e6,
    peak: process.resourceUsage().maxRSS / 1024,
  })
})
process.send('ready')

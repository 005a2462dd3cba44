import { command, type CommandEntry } from '../command.js'

/** All commands. What describes them is loaded when that is asked for, and what does them when they are run, so that help comes at once. */
export const commands: readonly CommandEntry[] = [
  {
    usage: 'fit <data>',
    describe: 'Fit a latent ODE to a table of measurements',
    load: async () => command((await import('./fit.js')).fit, async () => (await import('../actions/fitFile.js')).fitFile),
  },
  {
    usage: 'predict <model> <data>',
    describe: 'Forecast series, with uncertainty, at any times',
    load: async () =>
      command(
        (await import('./predict.js')).predict,
        async () => async (given, context) =>
          given.fill
            ? (await import('../actions/fillFile.js')).fillFile(given, context)
            : (await import('../actions/predictFile.js')).predictFile(given, context),
      ),
  },
  {
    usage: 'evaluate <model> <data>',
    describe: 'Score a model on held-out values, next to plain baselines',
    load: async () =>
      command((await import('./evaluate.js')).evaluate, async () => (await import('../actions/evaluateFile.js')).evaluateFile),
  },
  {
    usage: 'compare <data>',
    describe: 'Fit several models to a table and say which does better, and how sure that is',
    load: async () => command((await import('./compare.js')).compare, async () => (await import('../actions/compareFile.js')).compareFile),
  },
  {
    usage: 'report <model> <data>',
    describe: 'Write a report: forecasts, scores, calibration, training; of one model or two',
    load: async () => command((await import('./report.js')).report, async () => (await import('../actions/reportFile.js')).reportFile),
  },
  {
    usage: 'simulate <kind>',
    describe: 'Write a simulated data set',
    load: async () =>
      command((await import('./simulate.js')).simulate, async () => (await import('../actions/simulateFile.js')).simulateFile),
  },
  {
    usage: 'inspect <file>',
    describe: 'Show what is in a data file or a model file',
    load: async () => command((await import('./inspect.js')).inspect, async () => (await import('../actions/inspectFile.js')).inspectFile),
  },
  {
    usage: 'doctor',
    describe: 'Show what can compute here, and why the rest cannot',
    load: async () => command((await import('./doctor.js')).doctor, async () => (await import('../actions/examine.js')).examine),
  },
  {
    usage: 'completion [shell]',
    describe: 'Print the script that completes words in your shell',
    load: async () =>
      command((await import('./completion.js')).completion, async () => (await import('../actions/printCompletion.js')).printCompletion),
  },
]

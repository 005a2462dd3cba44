import type { CommandEntry } from '../command.js'

/** All commands. Their modules are loaded when they are asked for, so that help comes at once. */
export const commands: readonly CommandEntry[] = [
  { usage: 'fit <data>', describe: 'Fit a latent ODE to a table of measurements', load: async () => (await import('./fit.js')).fit },
  {
    usage: 'predict <model> <data>',
    describe: 'Forecast series, with uncertainty, at any times',
    load: async () => (await import('./predict.js')).predict,
  },
  {
    usage: 'evaluate <model> <data>',
    describe: 'Score a model on held-out values, next to plain baselines',
    load: async () => (await import('./evaluate.js')).evaluate,
  },
  {
    usage: 'report <model> <data>',
    describe: 'Write a report: forecasts, scores, calibration, training; of one model or two',
    load: async () => (await import('./report.js')).report,
  },
  { usage: 'simulate <kind>', describe: 'Write a simulated data set', load: async () => (await import('./simulate.js')).simulate },
  {
    usage: 'inspect <file>',
    describe: 'Show what is in a data file or a model file',
    load: async () => (await import('./inspect.js')).inspect,
  },
  {
    usage: 'doctor',
    describe: 'Show what can compute here, and why the rest cannot',
    load: async () => (await import('./doctor.js')).doctor,
  },
  {
    usage: 'completion [shell]',
    describe: 'Print the script that completes words in your shell',
    load: async () => (await import('./completion.js')).completion,
  },
]

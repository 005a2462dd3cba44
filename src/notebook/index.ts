/**
 * `latent-ode/notebook`: what is shown in notebooks: `import { display, fitProgress } from 'latent-ode/notebook'`.
 *
 * @module latent-ode/notebook
 */
export { display } from './display.js'
export { fitProgress } from './progress.js'
export type { DisplayOptions } from './parts.js'
export { render, type Rendering } from './render.js'

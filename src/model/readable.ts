import type { EmissionConfig } from './emission.js'
import { groupsOf, scalesOf } from './emission.js'
import type { Observations } from './observations.js'

/** How what was observed is given to the encoder: each value as the likelihood of its channel would have it read. */
export function readableBy(config: EmissionConfig): (shown: Observations) => Observations {
  const groups = groupsOf(config).filter(({ likelihood }) => likelihood.reads)
  if (groups.length === 0) return (shown) => shown
  return (shown) => {
    const { channels: width, mask } = shown
    const values = shown.values.slice()
    for (const group of groups) {
      const scales = scalesOf(config, group)
      group.channels.forEach((channel, i) => {
        const scale = scales[i]!
        for (let cell = channel; cell < values.length; cell += width)
          if (mask[cell] !== 0) values[cell] = group.likelihood.reads!(scale.mean + scale.sd * values[cell]!, scale)
      })
    }
    return { ...shown, values }
  }
}

import { quote } from '../data/place.js'
import { LatentOdeError } from '../errors.js'
import type { Forecast } from './forecastTypes.js'

/** What is made of forecasts, one after the other; `onFailure` hears of those of which nothing can be made. */
export function* eachForecast<F extends Forecast, T>(
  forecasts: Iterable<F>,
  make: (forecast: F) => T,
  onFailure: (id: string, error: Error) => void,
): Generator<T> {
  for (const forecast of forecasts) {
    const made = forecast.error ? { error: forecast.error } : attempt(() => make(forecast))
    if ('error' in made) onFailure(forecast.id, made.error)
    else yield made.value
  }
}

function attempt<T>(body: () => T): { readonly value: T } | { readonly error: Error } {
  try {
    return { value: body() }
  } catch (error) {
    if (error instanceof LatentOdeError) return { error }
    throw error
  }
}

/** Of a number that the data's units cannot tell: an exponential may be past all of them. */
export const pastAllNumbers = (channel: string, time: number): LatentOdeError =>
  new LatentOdeError('NotFinite', `The prediction of ${quote(channel)} at time ${time} is past all numbers in the data's units.`)

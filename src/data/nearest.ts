export { editDistance, nearestName } from '../nearest.js'

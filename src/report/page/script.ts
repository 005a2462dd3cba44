import { drawing } from './drawing.js'
import { saving } from './saving.js'
import { selecting } from './selecting.js'

/**
 * The page's own script. It expects `vega` and `vegaLite` as globals, `vega.expressionInterpreter` among them, and two
 * JSON elements, `figures` and `configuration`.
 */
export const script = `'use strict';
(() => {${drawing}${selecting}${saving}
  Object.defineProperty(window, 'report', { value: { problems, views } });
})();`

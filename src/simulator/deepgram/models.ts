import { createHash } from 'node:crypto'

const names: Readonly<Record<string, string>> = {
  'aura-*-en': 'angus arcas asteria athena helios hera luna orion orpheus perseus stella zeus',
  'aura-2-*-en':
    'amalthea andromeda apollo arcas aries asteria athena atlas aurora callista cora cordelia delia draco electra ' +
    'harmonia helena hera hermes hyperion iris janus juno jupiter luna mars minerva neptune odysseus ophelia orion ' +
    'orpheus pandora phoebe pluto saturn selene thalia theia vesta zeus',
  'aura-2-*-es':
    'agustina alvaro antonia aquila carina celeste diana estrella gloria javier luciano nestor olivia selena silvia ' +
    'sirio valerio',
  'aura-2-*-de': 'aurelia elara fabian julius kara lara viktoria',
  'aura-2-*-nl': 'beatrix cornelia daphne hestia lars leda rhea roman sander',
  'aura-2-*-fr': 'agathe hector',
  // perseo is listed too, but was never served.
  'aura-2-*-it': 'cesare cinzia demetra dionisio elio flavio livia maia melia',
  'aura-2-*-ja': 'ama ebisu fujin izanami uzume',
}

/** The voices of `/v1/speak`, as Deepgram's API files list them. */
export const documentedModels: readonly string[] = Object.entries(names).flatMap(([form, list]) =>
  list.split(' ').map((name) => form.replace('*', name)),
)

/** The language in which a model speaks: the end of its name. */
export function languageOf(model: string): string {
  return model.slice(model.lastIndexOf('-') + 1)
}

/** What Metadata and the response headers tell of a model. Version and uuid are made up, the same for the same name. */
export function modelFacts(model: string): { readonly name: string; readonly version: string; readonly uuid: string } {
  const hex = createHash('sha256').update(model).digest('hex')
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)]
  return { name: model, version: '2026-01-01.0', uuid: uuid.join('-') }
}

import { mulawWav } from '../../audio/wav.ts'
import type { AsyncService } from '../async/service.ts'
import type { PhoneNetwork } from '../phone-network/network.ts'
import type { Phone } from '../phone-network/phone/phone.ts'
import { readPhoneScript } from './phone-script.ts'
import { type ControlAnswer, type ControlRequest, type ControlServer, startControlServer } from './server.ts'

const routes = [
  'GET    /                              this list',
  'GET    /calls                         every call of the network',
  'GET    /faults                        what the network and the Async service refused, with the reason',
  'PATCH  /behaviour/network             switches of the phone network (docs/simulator.md)',
  'PATCH  /behaviour/async               switches of the Async service (docs/simulator-async.md)',
  'PUT    /phones/NUMBER                 a phone at NUMBER; the body is its script, {} for one that answers',
  'POST   /phones/NUMBER/press           {"digits": "1"}',
  'POST   /phones/NUMBER/hang-up',
  'GET    /phones/NUMBER/recording.wav   what the phone played',
  'POST   /dial-in                       {"from": NUMBER, "voiceUrl": URL}: somebody calls our number',
]

/** The control surface of emulators that run alone: on a port of its own, apart from every imitated path. */
export function startControl(
  port: number,
  emulators: { readonly network: PhoneNetwork; readonly async: AsyncService },
): Promise<ControlServer> {
  const { network, async } = emulators
  const phones = new Map<string, Phone>()

  function phoneAt(number: string): Phone {
    const phone = phones.get(number)
    if (!phone) throw new Error(`no phone was put at this number; PUT /phones/${number} first`)
    return phone
  }

  function onPhones(
    method: string,
    number: string,
    what: string | undefined,
    body: unknown,
  ): ControlAnswer | undefined {
    if (method === 'PUT' && what === undefined) {
      phones.set(number, network.phone(number, readPhoneScript(body)))
      return { status: 201, body: { number } }
    }
    if (method === 'POST' && what === 'press') {
      phoneAt(number).press(textIn(body, 'digits'))
      return { status: 204, body: null }
    }
    if (method === 'POST' && what === 'hang-up') {
      phoneAt(number).hangUp()
      return { status: 204, body: null }
    }
    if (method === 'GET' && what === 'recording.wav') {
      return { status: 200, body: mulawWav(phoneAt(number).recording), type: 'audio/wav' }
    }
    return undefined
  }

  function answer({ method, path, body }: ControlRequest): ControlAnswer {
    const [first, second, third] = path
    const route = `${method} /${first ?? ''}`
    if (route === 'GET /') return { status: 200, body: { routes } }
    if (route === 'GET /calls') return { status: 200, body: network.calls.map(callSummary) }
    if (route === 'GET /faults') return { status: 200, body: { network: network.faults, async: async.faults } }
    if (route === 'PATCH /behaviour') {
      if (second === 'network') return { status: 200, body: change(network.behaviour, body) }
      if (second === 'async') return { status: 200, body: change(async.behaviour, body) }
    }
    if (route === 'POST /dial-in') {
      const from = textIn(body, 'from')
      phones.set(from, network.dialIn({ from, voiceUrl: textIn(body, 'voiceUrl') }))
      return { status: 201, body: { from } }
    }
    const answered = first === 'phones' && second !== undefined ? onPhones(method, second, third, body) : undefined
    return answered ?? { status: 404, body: { error: 'no such route', routes } }
  }

  return startControlServer(port, answer)
}

function callSummary(call: PhoneNetwork['calls'][number]) {
  const { sid, status, to, from, direction } = call
  return { sid, status, to, from, direction }
}

/** Sets switches that exist to values of the kind they have; anything else is refused and nothing changes. */
function change(behaviour: object, body: unknown): object {
  if (typeof body !== 'object' || body === null) throw new Error('expected an object of switches')
  const changes = Object.entries(body)
  for (const [name, value] of changes) {
    const current: unknown = Object.hasOwn(behaviour, name) ? Reflect.get(behaviour, name) : undefined
    if (current === undefined)
      throw new Error(`no switch is named ${name}; there are ${Object.keys(behaviour).join(', ')}`)
    const kinds = [typeof current, typeof value]
    // A switch may be a word or something with more to say; a number or a yes stays what it is.
    if (kinds.includes('boolean') && kinds[0] !== kinds[1]) throw new Error(`expected true or false for ${name}`)
  }
  for (const [name, value] of changes) Reflect.set(behaviour, name, value)
  return behaviour
}

function textIn(body: unknown, name: string): string {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined
  if (typeof value !== 'string' || value === '') throw new Error(`expected a text named ${name}`)
  return value
}

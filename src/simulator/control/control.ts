import { mulawWav } from '../../audio/wav.ts'
import type { AsyncService } from '../async/service.ts'
import type { DeepgramService } from '../deepgram/service.ts'
import type { PhoneNetwork } from '../phone-network/network.ts'
import type { Phone } from '../phone-network/phone/phone.ts'
import { readPhoneScript } from './phone-script.ts'
import { say } from './saying.ts'
import { type ControlAnswer, type ControlRequest, type ControlServer, startControlServer } from './server.ts'
import { changeAsync } from './async-switches.ts'
import { changeDeepgram } from './deepgram-switches.ts'
import { changeNetwork } from './network-switches.ts'

const routes = [
  'GET    /                              this list',
  'GET    /calls                         every call of the network',
  'GET    /faults                        what the network and the speech services refused, with the reason',
  'PATCH  /behaviour/network             switches of the phone network (docs/simulator.md); {} only shows them',
  'PATCH  /behaviour/async               switches of the Async service (docs/simulator-async.md); {} only shows them',
  'PATCH  /behaviour/deepgram            switches of Deepgram (docs/simulator-deepgram.md); {} only shows them',
  'PUT    /phones/NUMBER                 a phone at NUMBER; the body is its script, {} for one that answers',
  'POST   /phones/NUMBER/press           {"digits": "1"}',
  'POST   /phones/NUMBER/hear            {"words": "the second one"}: the person says it, and the recognizer hears it',
  'POST   /phones/NUMBER/hang-up',
  'GET    /phones/NUMBER/recording.wav   what the phone played',
  'POST   /dial-in                       {"from": NUMBER, "voiceUrl": URL}: somebody calls our number; "phone" may be a script',
]

/** The control surface of emulators that run alone: on a port of its own, apart from every imitated path. */
export function startControl(
  port: number,
  emulators: { readonly network: PhoneNetwork; readonly async: AsyncService; readonly deepgram: DeepgramService },
): Promise<ControlServer> {
  const { network, async, deepgram } = emulators
  const phones = new Map<string, Phone>()
  const ears = [deepgram.listening, deepgram.turns, async.listening]

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
      phones.set(e164(number), network.phone(number, readPhoneScript(body)))
      return { status: 201, body: { number } }
    }
    if (method === 'POST' && what === 'press') {
      const digits = textIn(body, 'digits')
      if (!/^[0-9A-D*#w]+$/.test(digits)) throw new Error('expected digits of 0-9, A-D, *, # and w for half a second')
      phoneAt(number).press(digits)
      return { status: 204, body: null }
    }
    if (method === 'POST' && what === 'hear') {
      const words = textIn(body, 'words')
      return { status: 200, body: { listened: say(words, phoneAt(number), network, ears) } }
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
    if (route === 'GET /faults')
      return {
        status: 200,
        body: {
          network: network.faults,
          async: [...async.faults, ...async.listening.faults],
          deepgram: [...deepgram.faults, ...deepgram.listening.faults, ...deepgram.turns.faults],
        },
      }
    if (route === 'PATCH /behaviour') {
      if (second === 'network') return { status: 200, body: changeNetwork(network.behaviour, body) }
      if (second === 'async') return { status: 200, body: changeAsync(async.behaviour, body) }
      if (second === 'deepgram') return { status: 200, body: changeDeepgram(deepgram.behaviour, body) }
    }
    if (route === 'POST /dial-in') {
      const from = e164(textIn(body, 'from'))
      const voiceUrl = textIn(body, 'voiceUrl')
      if (!/^https?:\/\//.test(voiceUrl) || !URL.canParse(voiceUrl))
        throw new Error('expected an http(s) URL as voiceUrl')
      phones.set(from, network.dialIn({ from, voiceUrl, phone: readPhoneScript(fieldOf(body, 'phone') ?? {}) }))
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

/** A number as phones have it here; anything else could never be dialled. */
function e164(number: string): string {
  if (/^\+[1-9]\d{6,14}$/.test(number)) return number
  throw new Error(`expected a phone number such as +15551234567; ${JSON.stringify(number)} came`)
}

function fieldOf(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined
}

function textIn(body: unknown, name: string): string {
  const value = fieldOf(body, name)
  if (typeof value !== 'string' || value === '') throw new Error(`expected a text named ${name}`)
  return value
}

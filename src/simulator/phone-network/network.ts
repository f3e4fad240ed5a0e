import { type Clock, realClock } from '../clock.ts'
import { listen } from '../http-server.ts'
import { createRandom } from '../random.ts'
import { defaultBehaviour, type NetworkBehaviour } from './behaviour.ts'
import type { Call, SimulatedCall } from './call.ts'
import { dialIn } from './dialling-in.ts'
import type { Account, Exchange } from './exchange.ts'
import { createFaultLog, type ProtocolFault } from './faults.ts'
import { newSecret, newSid } from './identifiers.ts'
import { createPhoneSet, type Phone, type PhoneSet } from './phone/phone.ts'
import type { PhoneScript } from './phone/script.ts'
import { createDialQueue } from './queue.ts'
import { createRestServer } from './rest/server.ts'
import { createSockets } from './sockets.ts'

export interface PhoneNetworkOptions {
  /** With a stepped clock the whole network runs in simulated time. Default: the machine's clock. */
  clock?: Clock
  /** Default 0: any free port. */
  port?: number
  host?: string
  account?: { sid: string; authToken: string; numbers: readonly string[]; apiKeys?: Account['apiKeys'] }
  behaviour?: Partial<NetworkBehaviour>
  /** Of everything random; the same seed gives the same run. */
  seed?: number
}

export interface DialInOptions {
  from: string
  /** Default: the account's first number. */
  to?: string
  voiceUrl: string
  phone?: PhoneScript
  statusCallback?: string
}

export interface PhoneNetwork {
  /** Where the REST API is: to be used as `TWILIO_API_URL`. */
  readonly url: string
  readonly account: Account
  /** Switches; may be changed at any time. */
  readonly behaviour: NetworkBehaviour
  /**
   * Registers a phone that can be dialled. A number without one rings, and nobody answers. Throws when its script is
   * to speak a WAV file that cannot be read.
   */
  phone(number: string, script?: PhoneScript): Phone
  /** Somebody calls a number of the account. */
  dialIn(options: DialInOptions): Phone
  readonly calls: readonly SimulatedCall[]
  /** Every protocol fault seen, in order. */
  readonly faults: readonly ProtocolFault[]
  /** Ends everything: no socket, timer or listener is left. May be called again. */
  close(): Promise<void>
}

/** Starts a phone network with a Twilio REST API on a port of its own. Rejects when the port is taken. */
export async function startPhoneNetwork(options: PhoneNetworkOptions = {}): Promise<PhoneNetwork> {
  const clock = options.clock ?? realClock
  const host = options.host ?? '127.0.0.1'
  const behaviour: NetworkBehaviour = { ...defaultBehaviour(), ...options.behaviour }
  const account: Account = { apiKeys: [], ...(options.account ?? madeUpAccount()) }
  const faults = createFaultLog(() => clock.now())
  const sockets = createSockets(clock)
  const closing = new AbortController()
  const calls: Call[] = []
  const phones = new Map<string, PhoneSet>()
  const exchange: Exchange = {
    clock,
    account,
    behaviour,
    faults,
    sockets,
    random: createRandom(options.seed ?? 1),
    closing: closing.signal,
    calls,
    phoneAt: (number) => phones.get(number),
  }
  const server = createRestServer(exchange, createDialQueue(exchange))
  const url = await listen(server, options.port ?? 0, host)
  let closed: Promise<void> | undefined

  function phoneSet(number: string, script: PhoneScript): PhoneSet {
    const set = createPhoneSet(clock, number, script, () => behaviour.digitGapMs)
    // Calls come to the new one from now on.
    phones.get(number)?.missed()
    phones.set(number, set)
    return set
  }

  async function shut(): Promise<void> {
    closing.abort()
    for (const call of calls) {
      call.execution.abort()
      call.life.abort()
      if (call.phone) call.phone.set.disconnect(call.phone.leg, undefined)
    }
    for (const set of phones.values()) set.missed()
    const ended = new Promise<void>((resolve) => void server.close(() => resolve()))
    sockets.destroyAll()
    server.closeAllConnections()
    await ended
  }

  return {
    url,
    account,
    behaviour,
    phone: (number, script = {}) => phoneSet(number, script).phone,
    dialIn(call) {
      const set = phoneSet(call.from, call.phone ?? {})
      const to = call.to ?? account.numbers[0] ?? ''
      dialIn(exchange, set, { from: call.from, to, voiceUrl: call.voiceUrl, statusCallback: call.statusCallback })
      return set.phone
    },
    calls,
    faults: faults.all,
    close: () => (closed ??= shut()),
  }
}

function madeUpAccount(): Account {
  return {
    sid: newSid('AC'),
    authToken: newSecret(),
    numbers: ['+15005550006'],
    apiKeys: [{ sid: newSid('SK'), secret: newSecret() }],
  }
}

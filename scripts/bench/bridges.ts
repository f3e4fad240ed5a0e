import { type Bridge, startFloor, startServer } from './bridge.ts'
import { freePorts } from './free-ports.ts'
import type { Generator } from './generator.ts'
import { account } from './identity.ts'
import type { Options } from './options.ts'

export interface Bridges {
  readonly server: Bridge
  readonly floor: Bridge
  stop(): Promise<void>
}

export interface BridgeShape {
  /** A file in `flows`; left out: `notify`, which ships. */
  readonly flow?: 'speak' | 'converse' | 'silence'
  readonly listening?: boolean
  readonly settings?: Readonly<Record<string, string>>
  /** What the floor has to do beside relaying; left out: nothing. */
  readonly floor?: FloorShape
}

export type FloorShape =
  /** Connected before `start`, or with so many sentences in memory. */
  | { readonly early: 'connected' }
  | { readonly early: 'rendered'; readonly sentences: number }
  /** Who comes above them is refused with 503. */
  | { readonly mostCalls: number }

/** Far more than any run lasts or loads. */
const longMs = '3600000'
const maxCalls = '5000'

/** What the server runs with. Every sentence is said once, so that nothing would come from a cache. */
function settingsOf(generator: Generator, { listening = false, settings = {} }: BridgeShape): Record<string, string> {
  return {
    TWILIO_ACCOUNT_SID: account.sid,
    TWILIO_AUTH_TOKEN: account.authToken,
    TWILIO_FROM_NUMBER: account.number,
    TWILIO_API_URL: generator.url,
    ASYNC_URL: generator.url,
    ASYNC_API_KEY: 'key-of-the-benchmark',
    ...(listening ? { DEEPGRAM_URL: generator.url, DEEPGRAM_API_KEY: 'key-of-the-benchmark' } : {}),
    HEARING_PROVIDER: listening ? 'deepgram' : 'none',
    SPEECH_CACHE: 'off',
    PRESYNTHESIZE: 'off',
    MAX_CALLS: maxCalls,
    MAX_LOOP_DELAY_MS: '60000',
    MAX_CALL_MS: longMs,
    IDLE_TIMEOUT_MS: longMs,
    LOG_LEVEL: 'warn',
    ...settings,
  }
}

/** The server and the floor, both running, to be loaded in turn. */
export async function startBridges(generator: Generator, options: Options, shape: BridgeShape): Promise<Bridges> {
  const socketBase = generator.url.replace(/^http/, 'ws')
  const speechUrl = `${socketBase}/text_to_speech/websocket/ws?api_key=key-of-the-benchmark&version=v1`
  const settings = { ...settingsOf(generator, shape), ...options.settings }
  // The server looks at its voice when it starts.
  generator.speech.begin('burst', generator.mouth)
  const core = generator.cores?.bridge
  const { file, words } = floorOf(shape, `${socketBase}/v1/listen`)
  const [floorPort = 0, serverPort = 0] = await freePorts(2)
  const starting = [
    startFloor(file, [speechUrl, ...words], { port: floorPort, core }),
    startServer(settings, shape.flow, { port: serverPort, core }),
  ] as const
  const [floor, server] = await Promise.all(starting).catch(async (thrown: unknown) => {
    for (const one of await Promise.allSettled(starting)) if (one.status === 'fulfilled') await one.value.stop()
    throw thrown
  })
  return {
    server,
    floor,
    async stop() {
      await Promise.all([server.stop(), floor.stop()])
    },
  }
}

function floorOf({ listening = false, floor }: BridgeShape, listenUrl: string) {
  if (floor && 'early' in floor)
    return { file: 'floor-early', words: floor.early === 'rendered' ? [String(floor.sentences)] : [] } as const
  const most = floor ? [`--most=${floor.mostCalls}`] : []
  return { file: 'floor', words: [...(listening ? [`--listen=${listenUrl}`] : []), ...most] } as const
}

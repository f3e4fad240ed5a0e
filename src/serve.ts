import type { Logger } from 'pino'
import { buildApp } from './app.ts'
import type { App } from './app-contract.ts'
import type { CallRecords } from './call/records.ts'
import type { Config } from './config.ts'
import { BridgeError } from './errors.ts'
import type { Flows } from './flows/flows.ts'
import { keepNumber } from './keep-number.ts'
import { type Clock, systemClock } from './ops/clock.ts'
import { openFileRecords } from './store/file-records.ts'
import { createMemoryRecords } from './store/memory-records.ts'
import { createPublicAddress } from './tunnel/public-address.ts'
import { type SupervisedTunnel, superviseTunnel } from './tunnel/supervisor.ts'
import { ngrokOpener, type TunnelOpener } from './tunnel/tunnel.ts'

const defaultPort = 3000

export interface Service {
  readonly app: App
  /** Where it listens on this machine. */
  readonly localUrl: string
  /** Another one after a lost tunnel was replaced. */
  readonly publicUrl: string
  /** Takes no new calls and lets the running ones end; see `App.drain`. */
  drain(): Promise<void>
  /** Ends every call, closes the tunnel and the server. Idempotent. */
  close(): Promise<void>
}

export interface ServeOptions {
  readonly log: Logger
  /** Default: the machine's. */
  readonly clock?: Clock
  /** Where the setting names none. */
  readonly port?: number
  /** Makes the address we listen on the public one, for an emulator on the same machine. */
  readonly publicUrl?: 'local'
  /** Where calls are recorded; what an earlier process left in them is settled. Default: files in `DATA_DIR`. */
  readonly records?: CallRecords
  /** Keeps call records in memory only. */
  readonly keepRecords?: false
  /** Sets our number's voice webhook now, and again whenever the public address changes. */
  readonly configureNumber?: boolean
  /** Flows beside those that ship. */
  readonly ownFlows?: Flows
  /** Default: ngrok's. */
  readonly openTunnel?: TunnelOpener
  /** How often a media socket is looked at. Default: every 2 s. */
  readonly lookEveryMs?: number
}

/**
 * The whole program: the app, listening, with a public address.
 *
 * @throws BridgeError `server.port-in-use`, `server.listen-failed`, `tunnel.failed`, and with `configureNumber` also
 *   `config.invalid`, `twilio.rejected`, `twilio.unreachable`; nothing is left open then
 */
export async function serve(config: Config, options: ServeOptions): Promise<Service> {
  const { log, clock = systemClock } = options
  const address = createPublicAddress(config.PUBLIC_URL)
  const records = options.records ?? (await openRecords(config, options.keepRecords ?? true, { clock, log }))
  const app = await buildApp(config, {
    clock,
    log,
    records,
    publicUrl: () => address.url,
    formerUrls: () => address.former,
    ...(options.ownFlows === undefined ? {} : { ownFlows: options.ownFlows }),
    ...(options.lookEveryMs === undefined ? {} : { lookEveryMs: options.lookEveryMs }),
  }).catch(async (thrown: unknown) => {
    await records.close()
    throw thrown
  })
  const number = keepNumber({ clock, log, configure: () => app.configureNumber() })
  const closeApp = async () => {
    await app.close()
    await records.close()
  }
  const port = await listen(
    app,
    { host: config.HOST, port: config.PORT ?? options.port ?? defaultPort, fixed: config.PUBLIC_URL !== undefined },
    closeApp,
  )
  const localUrl = `http://${openable(config.HOST)}:${port}`
  let tunnel: SupervisedTunnel | undefined

  function moved(url: string): void {
    address.change(url)
    app.addressChanged()
    if (options.configureNumber) number.setAgain()
  }

  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    number.close()
    // Calls end through the tunnel, so it goes last.
    await closeApp()
    await tunnel?.close()
  }

  try {
    if (options.publicUrl === 'local') address.change(localUrl)
    else if (address.url === '') {
      const { NGROK_AUTHTOKEN: authtoken = '', NGROK_DOMAIN: domain } = config
      const open = options.openTunnel ?? ngrokOpener({ authtoken, domain }, clock)
      const supervised = await superviseTunnel(open, port, { clock, log, moved })
      tunnel = supervised
      app.readiness.add('tunnel', () => supervised.up)
      address.change(supervised.url)
    }
    if (options.configureNumber) await app.configureNumber()
  } catch (error) {
    await close()
    throw error
  }
  void app.recover(records)
  return {
    app,
    localUrl,
    get publicUrl() {
      return address.url
    },
    drain: () => app.drain(),
    close: () => (closing ??= close()),
  }
}

function openRecords(
  config: Config,
  keep: boolean,
  deps: { readonly clock: Clock; readonly log: Logger },
): Promise<CallRecords> | CallRecords {
  if (!keep) return createMemoryRecords()
  return openFileRecords({ folder: config.DATA_DIR, keepDays: config.RECORDS_KEEP_DAYS, ...deps })
}

/** A host as it stands in a URL that this machine can open; "every address" is none. */
function openable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

async function listen(
  app: App,
  { host, port, fixed }: { readonly host: string; readonly port: number; readonly fixed: boolean },
  close: () => Promise<void>,
): Promise<number> {
  try {
    await app.server.listen({ host, port })
  } catch (thrown) {
    await close()
    throw listenFailure(thrown, host, port, fixed ? 'PORT=…, and a PUBLIC_URL that leads there' : 'PORT=…')
  }
  const [address] = app.server.addresses()
  return typeof address === 'object' ? address.port : port
}

/** Why a server cannot listen: `server.port-in-use` or `server.listen-failed`. `setting` is what chooses the port. */
export function listenFailure(thrown: unknown, host: string, port: number, setting: string): BridgeError {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown'
  if (code === 'EADDRINUSE')
    return new BridgeError(
      'server.port-in-use',
      `Another program listens on port ${port}. Stop it, or choose another port with ${setting}`,
      { details: { port } },
    )
  return new BridgeError('server.listen-failed', `The server cannot listen on ${host}, port ${port} (${code}).`, {
    details: { port, systemCode: code },
  })
}

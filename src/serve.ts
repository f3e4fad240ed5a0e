import type { Logger } from 'pino'
import { type App, buildApp } from './app.ts'
import type { Config } from './config.ts'
import { BridgeError } from './errors.ts'
import { systemClock } from './ops/clock.ts'
import { openFileRecords } from './store/file-records.ts'
import { createMemoryRecords } from './store/memory-records.ts'
import { openNgrok, type Tunnel } from './tunnel/tunnel.ts'

const defaultPort = 3000

export interface Service {
  readonly app: App
  /** Where it listens on this machine. */
  readonly localUrl: string
  readonly publicUrl: string
  /** Ends every call, closes the tunnel and the server. Idempotent. */
  close(): Promise<void>
}

/**
 * The whole program: the app, listening, with a public address.
 *
 * @param options `log`; `port`, where the setting names none; `publicUrl`: `'local'` makes the address we listen on
 *   the public one, for an emulator on the same machine; `keepRecords`: false keeps call records in memory only
 * @throws BridgeError `server.port-in-use`, `server.listen-failed`, `tunnel.failed`; nothing is left open then
 */
export async function serve(
  config: Config,
  options: {
    readonly log: Logger
    readonly port?: number
    readonly publicUrl?: 'local'
    readonly keepRecords?: boolean
  },
): Promise<Service> {
  const clock = systemClock
  let publicUrl = config.PUBLIC_URL ?? ''
  const { log, keepRecords = true } = options
  const records = keepRecords
    ? await openFileRecords({ folder: config.DATA_DIR, keepDays: config.RECORDS_KEEP_DAYS, clock, log })
    : createMemoryRecords()
  const app = await buildApp(config, {
    clock,
    log,
    records,
    publicUrl: () => publicUrl,
  })
  const close = async () => {
    await app.close()
    await records.close()
  }
  const port = await listen(app, config.HOST, config.PORT ?? options.port ?? defaultPort, close)
  const localUrl = `http://${openable(config.HOST)}:${port}`
  let tunnel: Tunnel | undefined
  try {
    if (options.publicUrl === 'local') publicUrl = localUrl
    else if (publicUrl === '') {
      tunnel = await openNgrok(port, { authtoken: config.NGROK_AUTHTOKEN ?? '', domain: config.NGROK_DOMAIN }, clock)
      publicUrl = tunnel.url
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    app,
    localUrl,
    publicUrl,
    async close() {
      // Calls end through the tunnel, so it goes last.
      await close()
      await tunnel?.close()
    },
  }
}

/** A host as it stands in a URL that this machine can open; "every address" is none. */
function openable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

async function listen(app: App, host: string, port: number, close: () => Promise<void>): Promise<number> {
  try {
    await app.server.listen({ host, port })
  } catch (thrown) {
    await close()
    throw listenFailure(thrown, host, port, 'PORT=…')
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

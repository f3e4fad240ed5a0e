import type { Logger } from 'pino'
import { type App, buildApp } from './app.ts'
import type { CallRecords } from './call/records.ts'
import type { Config } from './config.ts'
import { BridgeError } from './errors.ts'
import { type Clock, systemClock } from './ops/clock.ts'
import { openNgrok, type Tunnel } from './tunnel/tunnel.ts'

const defaultPort = 3000

export interface Service {
  readonly app: App
  /** Where it listens on this machine. */
  readonly localUrl: string
  readonly publicUrl: string
  /** Takes no new calls and lets the running ones end; see `App.drain`. */
  drain(): Promise<void>
  /** Ends every call, closes the tunnel and the server. Idempotent. */
  close(): Promise<void>
}

/**
 * The whole program: the app, listening, with a public address.
 *
 * @param options `log`; `port`, where the setting names none; `publicUrl`: `'local'` makes the address we listen on
 *   the public one, for an emulator on the same machine; `records`: calls that an earlier process left are settled
 * @throws BridgeError `server.port-in-use`, `server.listen-failed`, `tunnel.failed`; nothing is left open then
 */
export async function serve(
  config: Config,
  options: {
    readonly log: Logger
    readonly clock?: Clock
    readonly port?: number
    readonly publicUrl?: 'local'
    readonly records?: CallRecords
  },
): Promise<Service> {
  let publicUrl = config.PUBLIC_URL ?? ''
  const app = await buildApp(config, {
    clock: options.clock ?? systemClock,
    log: options.log,
    publicUrl: () => publicUrl,
  })
  const port = await listen(app, config.HOST, config.PORT ?? options.port ?? defaultPort)
  const localUrl = `http://${config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST}:${port}`
  let tunnel: Tunnel | undefined
  try {
    if (options.publicUrl === 'local') publicUrl = localUrl
    else if (publicUrl === '') {
      tunnel = await openNgrok(port, { authtoken: config.NGROK_AUTHTOKEN ?? '', domain: config.NGROK_DOMAIN })
      publicUrl = tunnel.url
    }
  } catch (error) {
    await app.close()
    throw error
  }
  if (options.records) void app.recover(options.records)
  return {
    app,
    localUrl,
    publicUrl,
    drain: () => app.drain(),
    async close() {
      // Calls end through the tunnel, so it goes last.
      await app.close()
      await tunnel?.close()
    },
  }
}

async function listen(app: App, host: string, port: number): Promise<number> {
  try {
    await app.server.listen({ host, port })
  } catch (thrown) {
    await app.close()
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown'
    if (code === 'EADDRINUSE') {
      throw new BridgeError(
        'server.port-in-use',
        `Another program listens on port ${port}. Stop it, or choose another port with PORT=…`,
        { details: { port } },
      )
    }
    throw new BridgeError('server.listen-failed', `The server cannot listen on ${host}, port ${port} (${code}).`, {
      details: { port, systemCode: code },
    })
  }
  const [address] = app.server.addresses()
  return typeof address === 'object' ? address.port : port
}

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { secrets } from './world.ts'

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  readonly finished: Promise<Finished>
  /** Resolves when `text` has been printed on either stream. */
  printed(text: string): Promise<void>
  /** Signals the whole group, as Ctrl-C on a terminal does. */
  signal(name: NodeJS.Signals): void
}

/** Starts a program of this project as a user would, with nothing of our own environment but the path. */
export function start(words: readonly string[], env: Readonly<Record<string, string>> = {}, input = ''): Running {
  const [command = '', ...rest] = words
  const child = spawn(command, rest, {
    // A group of its own, so that a signal reaches what npm started too.
    detached: true,
    env: { PATH: process.env['PATH'] ?? '', HOME: '/tmp', ...env },
  })
  let stdout = ''
  let stderr = ''
  const watchers = new Set<() => void>()
  const tellWatchers = () => {
    for (const watch of watchers) watch()
  }
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    tellWatchers()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
    tellWatchers()
  })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
  return {
    child,
    finished,
    signal: (name) => void (child.pid !== undefined && process.kill(-child.pid, name)),
    printed: (text) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (!(stdout + stderr).includes(text)) return
          watchers.delete(look)
          resolve()
        }
        watchers.add(look)
        void finished.then(() => reject(new Error(`ended without printing ${text}:\n${stdout}\n${stderr}`)))
        look()
      }),
  }
}

export const run = (...given: Parameters<typeof start>): Promise<Finished> => start(...given).finished

/** A port nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}

/** The settings that lead a command to a pair of emulators. */
export function emulatorSettings(
  world: {
    readonly network: { readonly url: string }
    readonly async: { readonly url: string; readonly voiceId: string }
  },
  port: number,
): Record<string, string> {
  return {
    TWILIO_ACCOUNT_SID: secrets.accountSid,
    TWILIO_AUTH_TOKEN: secrets.authToken,
    TWILIO_FROM_NUMBER: secrets.from,
    TWILIO_API_URL: world.network.url,
    ASYNC_API_KEY: secrets.asyncKey,
    ASYNC_VOICE_ID: world.async.voiceId,
    ASYNC_URL: world.async.url,
    DATA_DIR: mkdtempSync(join(tmpdir(), 'callbridge-data-')),
    // The machine that tests run on may be slow.
    MAX_LOOP_DELAY_MS: '60000',
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
  }
}

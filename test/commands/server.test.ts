import { once } from 'node:events'
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { checkout, type Emulators, freePort, run, start, startEmulators } from '../command.ts'
import { secrets } from '../world.ts'

let emulators: Emulators

beforeAll(async () => {
  emulators = await startEmulators()
})
afterAll(async () => {
  await emulators.close()
})

describe('the server', () => {
  test('behind an address from elsewhere it says that the API answers nobody without keys', async () => {
    const settings = { ...(await emulators.settings()), PUBLIC_URL: 'https://bridge.example.com' }
    const running = start(['node', 'src/main.ts'], settings)
    await running.printed('The API answers nobody')
    running.signal('SIGTERM')
    expect((await running.finished).code).toBe(0)
  })

  const commands = [
    { words: ['node', 'src/main.ts'], greeting: 'Thank you for calling.' },
    { words: ['npm', 'run', '--silent', 'dev'], greeting: 'Nobody is in the office.' },
  ]
  test.concurrent.each(commands)(
    '$words: answers a caller with the greeting, is healthy, and ends when told to',
    async ({ words, greeting }) => {
      const port = await freePort()
      const settings = { ...(await emulators.settings(port)), GREETING: greeting, LOG_LEVEL: 'debug' }
      const running = start(words, settings)
      await running.printed(`http://127.0.0.1:${port}/twilio/voice`)
      await running.printed('The API answers this machine only')
      const health = await fetch(`http://127.0.0.1:${port}/healthz`)
      expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }])

      const phone = emulators.network.dialIn({
        from: '+15551239999',
        voiceUrl: `http://127.0.0.1:${port}/twilio/voice`,
      })
      await phone.ended
      const spoken = emulators.async.spoken.filter((one) => one.transcript.includes(greeting))
      const produced = Buffer.concat(spoken.map((one) => one.audio))
      expect(produced.length).toBeGreaterThan(0)
      expect(produced.equals(Buffer.from(phone.heard))).toBe(true)

      running.signal('SIGTERM')
      const { code, stdout, stderr } = await running.finished
      // npm itself dies of the signal; the server does not.
      expect(code).toBe(words[0] === 'npm' ? null : 0)
      for (const secret of [secrets.authToken, secrets.asyncKey, '+15551239999', greeting])
        expect(stdout + stderr).not.toContain(secret)
      await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow()
    },
  )

  test('--help', async () => {
    const { code, stdout, stderr } = await run(['npm', 'start', '--silent', '--', '--help'])
    expect(stdout).toContain('npm start PORT=4000')
    expect([code, stderr]).toEqual([0, ''])
  })

  test('a word that sets what is no setting is refused', async () => {
    const { code, stdout, stderr } = await run(['node', 'src/main.ts', 'PROT=1'], await emulators.settings())
    expect(stderr).toContain('PROT is no setting')
    expect([code, stdout]).toEqual([2, ''])
  })

  test('an address to listen on that is none to open is told as one that is, and once', async () => {
    const port = await freePort()
    const settings = { ...(await emulators.settings(port)), HOST: '0.0.0.0' }
    const running = start(['node', 'src/main.ts', 'LOG_LEVEL=info'], settings)
    await running.printed('voice webhook')
    running.signal('SIGINT')
    const { code, stdout, stderr } = await running.finished
    expect(stdout.split('\n')[0]).toBe(`callbridge listens on http://127.0.0.1:${port}`)
    expect(stdout + stderr).not.toMatch(/0\.0\.0\.0|Server listening/)
    expect(code).toBe(0)
  })

  test('a key that Async refuses is told at the start, not to the first caller', async () => {
    const settings = { ...(await emulators.settings()), ASYNC_API_KEY: 'sk_wrong_key_0123456789' }
    const { code, stdout, stderr } = await run(['node', 'src/main.ts'], settings)
    expect(stderr).toMatch(/ASYNC_API_KEY.*\[speech\.refused\]\n$/)
    expect([code, stdout]).toEqual([1, ''])
  })

  test('an offline voice that is not installed is told at the start, with how to get it', async () => {
    const folder = withoutPackage('@echogarden')
    const settings = { ...(await emulators.settings()), SPEECH_PROVIDERS: 'local' }
    const { code, stdout, stderr } = await run(['node', 'src/main.ts'], settings, '', folder)
    expect(stderr).toMatch(/npm install @echogarden\/espeak-ng-emscripten \[speech\.not-installed\]\n$/)
    expect([code, stdout]).toEqual([1, ''])
  })

  test('a speech service that is only out of reach keeps the server from nothing', async () => {
    const settings = { ...(await emulators.settings()), ASYNC_URL: `http://127.0.0.1:${await freePort()}` }
    const running = start(['node', 'src/main.ts'], settings)
    await running.printed('callbridge listens')
    running.signal('SIGTERM')
    const { code, stderr } = await running.finished
    expect(stderr).toContain('cannot be reached now')
    expect(code).toBe(0)
  })

  test('npm is ended and tells its child nothing: the server notices, and ends', async () => {
    const port = await freePort()
    const running = start(['npm', 'start', '--silent'], await emulators.settings(port))
    await running.printed('voice webhook')
    running.child.kill('SIGTERM')
    await once(running.child, 'exit')
    await running.finished
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow()
  })
})

/** A checkout whose dependencies lack one (an npm scope counts as one). */
function withoutPackage(name: string): string {
  const folder = checkout()
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const part of ['src', 'node_modules']) rmSync(join(folder, part))
  cpSync('src', join(folder, 'src'), { recursive: true })
  mkdirSync(join(folder, 'node_modules'))
  for (const entry of readdirSync('node_modules').filter((entry) => entry !== name))
    symlinkSync(resolve('node_modules', entry), join(folder, 'node_modules', entry))
  return folder
}

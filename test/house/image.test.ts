import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { freePort } from '../command.ts'
import { secrets } from '../world.ts'

/** No engine builds the image here: what its lines do is done by hand. */
const lines = readFileSync('Dockerfile', 'utf8')
  .replace(/\\\n\s*/g, ' ')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
const wordsAfter = (instruction: string) =>
  lines
    .filter((line) => line.startsWith(`${instruction} `))
    .map((line) => line.slice(instruction.length + 1).split(/ +/))

const copies = wordsAfter('COPY').flatMap((words) =>
  words.slice(0, -1).map((source) => ({ source, to: words.at(-1) ?? '' })),
)
const env = Object.fromEntries(wordsAfter('ENV').flatMap((words) => words.map((word) => word.split('='))))
const ignored = readFileSync('.dockerignore', 'utf8').trim().split('\n')
const command = (instruction: 'CMD' | 'HEALTHCHECK') => {
  const line = lines.find((one) => one.startsWith(instruction)) ?? ''
  return JSON.parse(line.slice(line.indexOf('['))) as string[]
}

const made: string[] = []
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true })
})

/** A folder as the image has it: what is copied, the dependencies without those for development, nothing else. */
function makeImage(): string {
  const folder = mkdtempSync(join(tmpdir(), 'callbridge-image-'))
  made.push(folder)
  chmodSync(folder, 0o755)
  for (const { source } of copies) {
    mkdirSync(join(folder, dirname(source)), { recursive: true })
    cpSync(source, join(folder, source), { recursive: true, filter: (file) => !ignored.includes(file) })
  }
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { dev?: boolean }>
  }
  const installed = Object.entries(lock.packages).filter(
    ([path, { dev }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && dev !== true && existsSync(path),
  )
  for (const [path] of installed) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    symlinkSync(join(process.cwd(), path), join(folder, path))
  }
  return folder
}

describe('the image', () => {
  test('everything that is copied exists, and exactly that is let through to the builder', () => {
    for (const { source } of copies) expect([source, existsSync(source)]).toEqual([source, true])
    const [first, ...rest] = ignored
    expect(first).toBe('*')
    const letThrough = rest.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
    expect(letThrough.sort()).toEqual(copies.map(({ source }) => source).sort())
    expect(rest.filter((line) => !line.startsWith('!'))).toEqual(['src/simulator'])
  })

  test('what runs in it imports no package for development but by a dynamic import that may fail', () => {
    const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      devDependencies: Record<string, string>
    }
    const files = [...globSync('src/**/*.ts'), 'scripts/doctor.ts'].filter((file) => !file.startsWith('src/simulator'))
    expect(files.length).toBeGreaterThan(80)
    const found = files.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/^(?:import (?!type )[^;]*? from |import )'([^'.][^']*)'/gm)]
        .map((one) => one[1] ?? '')
        .filter((name) => Object.keys(devDependencies).some((dev) => name === dev || name.startsWith(`${dev}/`)))
        .map((name) => `${file}: ${name}`),
    )
    expect(found).toEqual([])
  })

  test('the server starts in it as a user without rights, is healthy, and ends when told to', async () => {
    const folder = makeImage()
    const data = join(folder, 'data')
    mkdirSync(data)
    const port = String(await freePort())
    const isRoot = process.getuid?.() === 0
    const nobody = isRoot ? { uid: 65_534, gid: 65_534 } : {}
    if (isRoot) chownSync(data, 65_534, 65_534)
    const settings = {
      TWILIO_ACCOUNT_SID: secrets.accountSid,
      TWILIO_AUTH_TOKEN: secrets.authToken,
      ASYNC_API_KEY: secrets.asyncKey,
      PUBLIC_URL: 'https://bridge.example.com',
    }
    const node = execFileSync('node', ['-p', 'process.execPath'], { encoding: 'utf8' }).trim()
    const options = {
      cwd: folder,
      env: { PATH: dirname(node), ...env, ...settings, PORT: port, DATA_DIR: data },
      ...nobody,
    }
    const begin = ([program = '', ...words]: string[]) => spawn(program, words, options)
    const codeOf = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once('close', resolve))
    const isHealthy = async () => (await codeOf(begin(command('HEALTHCHECK')))) === 0

    expect(existsSync(join(folder, 'node_modules/vitest'))).toBe(false)
    expect(existsSync(join(folder, 'src/simulator'))).toBe(false)
    expect(await isHealthy()).toBe(false)
    const server = begin(command('CMD'))
    const ended = codeOf(server)
    let printed = ''
    const started = new Promise<void>((resolve) => {
      for (const stream of [server.stdout, server.stderr])
        stream.on('data', (chunk: Buffer) => {
          printed += chunk.toString()
          if (printed.includes('callbridge listens on')) resolve()
        })
    })
    await Promise.race([started, ended.then((code) => Promise.reject(new Error(`ended with ${code}:\n${printed}`)))])
    expect(printed).toContain(`http://127.0.0.1:${port}`)
    expect(await isHealthy()).toBe(true)
    server.kill('SIGTERM')
    expect(await ended).toBe(0)
    for (const secret of [secrets.authToken, secrets.asyncKey]) expect(printed).not.toContain(secret)
  })

  test('the doctor runs in it', async () => {
    const { stdout } = execResult('node', ['scripts/doctor.ts', '--json'], makeImage())
    expect(JSON.parse(stdout)).toMatchObject({ ok: false })
  })

  test('it has the Node version that the project asks for, and a user and folder of its own', () => {
    const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } }
    const [image] = wordsAfter('FROM').flat()
    expect(engines.node).toBe(`>=${/^node:(\d+)-slim$/.exec(image ?? '')?.[1]}`)
    expect(wordsAfter('USER')).toEqual([['node']])
    expect(lines.indexOf('USER node')).toBeGreaterThan(lines.findIndex((line) => line.startsWith('RUN npm ci')))
    expect(wordsAfter('VOLUME')).toEqual([[env['DATA_DIR']]])
  })
})

function execResult(program: string, words: string[], cwd: string): { stdout: string } {
  try {
    return { stdout: execFileSync(program, words, { cwd, encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '' } }) }
  } catch (thrown) {
    return { stdout: String((thrown as { stdout: unknown }).stdout) }
  }
}

describe('fly.toml', () => {
  const text = readFileSync('fly.toml', 'utf8')
  const value = (name: string) => new RegExp(`^\\s*${name} = "?([^"\\n]+)"?$`, 'm').exec(text)?.[1]

  test('the port, the folder and the time to end fit the image and the settings', () => {
    expect(value('internal_port')).toBe(value('PORT'))
    expect(value('destination')).toBe(env['DATA_DIR'])
    const killMs = Number(value('kill_timeout')?.replace('s', '')) * 1000
    expect(killMs).toBe(Number(value('DRAIN_TIMEOUT_MS')) + 45_000)
    expect(value('PUBLIC_URL')).toBe(`https://${value('app')}.fly.dev`)
  })
})

import closeWithGrace from 'close-with-grace'
import { asBridgeError, BridgeError } from '../src/errors.ts'
import { tellFailure } from '../src/failure.ts'
import { systemClock } from '../src/ops/clock.ts'
import { endWithParent } from '../src/ops/parent.ts'
import { listenFailure } from '../src/serve.ts'
import { startAsyncService } from '../src/simulator/async/service.ts'
import { startControl } from '../src/simulator/control/control.ts'
import { startDeepgramService } from '../src/simulator/deepgram/service.ts'
import { startPhoneNetwork } from '../src/simulator/phone-network/network.ts'
import type { Voice } from '../src/simulator/voice.ts'
import { createLocalVoice } from '../src/speech/local/voice.ts'
import { readWords } from './read-words.ts'

/** Made up, and the same at every start, so that a .env stays right. */
const account = {
  sid: `AC${'51a7'.repeat(8)}`,
  authToken: '70cea715'.repeat(4),
  numbers: ['+15005550006'],
}
/** Where callbridge listens unless told otherwise. */
const serverPort = 3000

const help = `The phone network, the Async service and Deepgram, emulated, on this machine, until Ctrl-C.

  npm run simulator -- [--twilio-port 4010] [--async-port 4011] [--deepgram-port 4013] [--control-port 4012]
                       [--phone NUMBER …]

  --phone NUMBER   a phone that answers after a second (more, and their behaviour, by the control port)
  port 0           any free one

It prints the settings that lead callbridge, or any other program, to it: put them into .env. They are the same at
every start.
`

async function main(words: readonly string[]): Promise<void> {
  const { values } = readWords(words, {
    options: {
      'twilio-port': { type: 'string', default: '4010' },
      'async-port': { type: 'string', default: '4011' },
      'deepgram-port': { type: 'string', default: '4013' },
      'control-port': { type: 'string', default: '4012' },
      phone: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return
  }
  const ports = {
    twilio: portOf(values['twilio-port']),
    async: portOf(values['async-port']),
    deepgram: portOf(values['deepgram-port']),
    control: portOf(values['control-port']),
  }
  const open: { close(): Promise<void> }[] = []
  const close = async () => {
    for (const one of open.splice(0).toReversed()) await one.close()
  }
  let settings: string
  try {
    settings = await start(ports, values.phone, open)
  } catch (thrown) {
    await close()
    throw thrown
  }
  const parent = endWithParent(systemClock)
  closeWithGrace({ delay: 5000 }, () => {
    parent.cancel()
    return close()
  })
  process.stdout.write(settings)
}

/** Starts everything, in the order in which it stands in `open` afterwards. Returns the settings that lead to it. */
async function start(
  ports: { twilio: number; async: number; deepgram: number; control: number },
  numbers: readonly string[],
  open: { close(): Promise<void> }[],
): Promise<string> {
  const voice = createLocalVoice()
  open.push(voice)
  const speak: Voice = (text, options) => voice.speak(text, options)
  const network = await listening('--twilio-port', ports.twilio, startPhoneNetwork({ port: ports.twilio, account }))
  open.push(network)
  const async = await listening('--async-port', ports.async, startAsyncService({ port: ports.async, voice: speak }))
  open.push(async)
  const deepgram = await listening(
    '--deepgram-port',
    ports.deepgram,
    startDeepgramService({ port: ports.deepgram, voice: speak }),
  )
  open.push(deepgram)
  const control = await listening(
    '--control-port',
    ports.control,
    startControl(ports.control, { network, async, deepgram }),
  )
  open.push(control)
  for (const number of numbers) {
    const put = await fetch(`${control.url}/phones/${encodeURIComponent(number)}`, { method: 'PUT' })
    if (!put.ok)
      throw new BridgeError('usage.invalid', `Expected a number after --phone, such as +15551234567; "${number}" came.`)
  }
  const { sid, authToken, numbers: own } = network.account
  return [
    `TWILIO_API_URL=${network.url}`,
    `TWILIO_ACCOUNT_SID=${sid}`,
    `TWILIO_AUTH_TOKEN=${authToken}`,
    `TWILIO_FROM_NUMBER=${own[0] ?? ''}`,
    `ASYNC_URL=${async.url}`,
    `ASYNC_API_KEY=${async.apiKey}`,
    `ASYNC_VOICE_ID=${async.voiceId}`,
    `DEEPGRAM_URL=${deepgram.url}`,
    `DEEPGRAM_API_KEY=${deepgram.apiKey}`,
    `PORT=${serverPort}`,
    `PUBLIC_URL=http://127.0.0.1:${serverPort}`,
    `# control: ${control.url}`,
    `# phones: ${numbers.length === 0 ? 'none yet' : numbers.join(', ')}; all others ring and are not answered (docs/simulator.md)`,
    '# ready; Ctrl-C ends it',
    '',
  ].join('\n')
}

async function listening<T>(option: string, port: number, starting: Promise<T>): Promise<T> {
  return starting.catch((thrown: unknown) => {
    throw listenFailure(thrown, '127.0.0.1', port, `${option} …`)
  })
}

function portOf(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new BridgeError('usage.invalid', `Expected a port from 0 to 65535; "${text}" came.`)
}

try {
  await main(process.argv.slice(2))
} catch (thrown) {
  process.exitCode = tellFailure(asBridgeError(thrown))
}

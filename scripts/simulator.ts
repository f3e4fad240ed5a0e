import { parseArgs } from 'node:util'
import closeWithGrace from 'close-with-grace'
import { asBridgeError, BridgeError } from '../src/errors.ts'
import { startAsyncService } from '../src/simulator/async/service.ts'
import { startControl } from '../src/simulator/control/control.ts'
import { startPhoneNetwork } from '../src/simulator/phone-network/network.ts'
import { createLocalVoice } from '../src/speech/local/voice.ts'

const help = `The phone network and the Async service, emulated, on this machine, until Ctrl-C.

  npm run simulator -- [--twilio-port 4010] [--async-port 4011] [--control-port 4012] [--phone NUMBER …]

  --phone NUMBER   a phone that answers after a second (more, and their behaviour, by the control port)

It prints the settings that lead callbridge, or any other program, to it.
`

async function main(words: readonly string[]): Promise<void> {
  const { values } = readWords(words)
  if (values.help) {
    process.stdout.write(help)
    return
  }
  const voice = createLocalVoice()
  const network = await startPhoneNetwork({ port: portOf(values['twilio-port']) })
  const async = await startAsyncService({
    port: portOf(values['async-port']),
    voice: (text, options) => voice.speak(text, options),
  })
  const control = await startControl(portOf(values['control-port']), { network, async })
  for (const number of values.phone) {
    const put = await fetch(`${control.url}/phones/${encodeURIComponent(number)}`, { method: 'PUT' })
    if (!put.ok) throw new BridgeError('usage.invalid', `No phone can be put at ${number}.`)
  }
  const { sid, authToken, numbers } = network.account
  process.stdout.write(
    [
      `TWILIO_API_URL=${network.url}`,
      `TWILIO_ACCOUNT_SID=${sid}`,
      `TWILIO_AUTH_TOKEN=${authToken}`,
      `TWILIO_FROM_NUMBER=${numbers[0] ?? ''}`,
      `ASYNC_URL=${async.url}`,
      `ASYNC_API_KEY=${async.apiKey}`,
      `ASYNC_VOICE_ID=${async.voiceId}`,
      `# control: ${control.url}`,
      '',
    ].join('\n'),
  )
  closeWithGrace({ delay: 5000 }, async () => {
    await control.close()
    await async.close()
    await network.close()
    await voice.close()
  })
}

function readWords(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        'twilio-port': { type: 'string', default: '4010' },
        'async-port': { type: 'string', default: '4011' },
        'control-port': { type: 'string', default: '4012' },
        phone: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (thrown) {
    throw new BridgeError('usage.invalid', `${thrown instanceof Error ? thrown.message : 'Wrong words'}. See --help.`)
  }
}

function portOf(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new BridgeError('usage.invalid', `Expected a port from 0 to 65535; "${text}" came.`)
}

try {
  await main(process.argv.slice(2))
} catch (thrown) {
  const error = asBridgeError(thrown)
  process.stderr.write(`${error.message} [${error.code}]\n`)
  process.exitCode = error.code === 'usage.invalid' ? 2 : 1
}

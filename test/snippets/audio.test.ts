import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { readWav } from '../../src/audio/read-wav.ts'
import { mulawWav } from '../../src/audio/wav.ts'
import type { Call, Flow } from '../../src/flows/flow.ts'
import { keysHeard } from '../../src/simulator/key-tones.ts'
import { startWorld } from '../world.ts'

/** The same call, with files below `folder` instead of the folder that the tests run in. */
function filesBelow(folder: string, call: Call): Call {
  return {
    ...call,
    play: (sound) => call.play(`${folder}/${String(sound)}`),
    record: (options = {}) => call.record({ ...options, file: `${folder}/${String(options.file)}` }),
  }
}

test('docs/audio.md: keys, a sound and a recording', async () => {
  const hotline: Flow = async (call) => {
    // Through somebody else's menu: 2, a pause of a second, an extension.
    await call.press('2ww4711#')
    await call.play('sounds/jingle.wav')
    void call.say('Please leave your answer after the tone.')
    const { ended, audioMs, voicedMs } = await call.record({ file: 'sounds/answer.wav', silenceMs: 3_000 })
    if (voicedMs === 0) await call.say('I did not hear anything.')
    else if (ended !== 'call-ended') await call.say(`Thank you for ${Math.round(audioMs / 1000)} seconds.`)
  }

  const folder = await mkdtemp(`${tmpdir()}/audio-`)
  await mkdir(`${folder}/sounds`)
  const jingle = new Uint8Array(8_000).fill(0x20)
  const answer = Uint8Array.from({ length: 16_000 }, (_, index) => (index % 2) * 0x80 + 1)
  await writeFile(`${folder}/sounds/jingle.wav`, mulawWav(jingle))
  await using world = await startWorld()
  const phone = world.network.phone('+15551234567', { answer: { afterMs: 100 } })
  const call = world.dial('+15551234567', '', {}, (line) => hotline(filesBelow(folder, line)))
  let heards = 0
  call.watch((event) => {
    // Of the keys, the jingle, the question, and the tone.
    if (event.type === 'heard' && ++heards === 4) world.clock.after(200, () => phone.speak(answer))
  })
  const outcome = await world.until(call.outcome)
  await world.until(phone.ended)
  expect(outcome).toMatchObject({ reason: 'completed' })
  expect(outcome.heardText).toMatch(/^Please leave your answer after the tone. Thank you for \d+ seconds.$/)
  const heard = Buffer.from(phone.heard)
  expect(keysHeard(heard.subarray(0, heard.indexOf(Buffer.from(jingle))))).toBe('24711#')
  const recorded = readWav(await readFile(`${folder}/sounds/answer.wav`))
  expect(Buffer.from(recorded.audio.buffer).includes(Buffer.from(answer))).toBe(true)
  expect(heards).toBeGreaterThan(3)
  await rm(folder, { recursive: true })
})

import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { readSound } from '../../../src/call/sound-source.ts'

test('of a file of a gigabyte no more is in memory than is asked for', async () => {
  const folder = await mkdtemp(`${tmpdir()}/sound-`)
  const file = await open(`${folder}/long.ulaw`, 'w')
  await file.truncate(1_000_000_000)
  await file.close()
  const before = process.memoryUsage().rss
  const pieces = readSound(`${folder}/long.ulaw`)
  for (let count = 0; count < 100; count++) expect((await pieces.next()).value).toHaveLength(32_768)
  expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000)
  await pieces.return()
  await rm(folder, { recursive: true })
})

test('bytes may be changed once they were given', async () => {
  const bytes = new Uint8Array(100).fill(7)
  const pieces = readSound(bytes)
  bytes.fill(9)
  expect((await pieces.next()).value).toEqual(new Uint8Array(100).fill(7))
})

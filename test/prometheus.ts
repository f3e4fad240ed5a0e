/** A scrape as numbers: `name{labels}` as it stands there, and the metrics it describes. */
export interface Scrape {
  readonly samples: ReadonlyMap<string, number>
  /** Names of metrics as described by their TYPE lines. */
  readonly names: readonly string[]
  /** The sum of all samples of a name whose labels contain `labels`. */
  sum(name: string, labels?: string): number
}

/** Reads Prometheus' text format strictly: a line that is not of it throws. */
export function readScrape(text: string): Scrape {
  const samples = new Map<string, number>()
  const names: string[] = []
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  for (const line of text.slice(0, -1).split('\n')) {
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(line)
    if (type?.[1] !== undefined) {
      if (names.includes(type[1])) throw new Error(`${type[1]} is described twice`)
      names.push(type[1])
      continue
    }
    if (/^# HELP \S+ \S/.test(line) || line === '') continue
    const sample = /^([a-z_:][a-z0-9_:]*(?:\{(?:[a-z_]+="[^"]*",?)*\})?) (\S+)$/i.exec(line)
    if (sample?.[1] === undefined || samples.has(sample[1])) throw new Error(`no sample, or one twice: ${line}`)
    samples.set(sample[1], Number(sample[2]))
  }
  return {
    samples,
    names,
    sum(name, labels = '') {
      let total = 0
      for (const [key, value] of samples)
        if ((key === name || key.startsWith(`${name}{`)) && key.includes(labels)) total += value
      return total
    },
  }
}

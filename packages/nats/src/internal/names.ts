/**
 * Names on the server. Streams and parts of subjects may not hold dots, spaces, wildcards or slashes, so what is not a
 * letter, digit, `-` or `_` becomes `=` and two hexadecimal digits for each byte: no two names become one.
 */

/** What belongs to one queue. */
export interface QueueNames {
  readonly queue: string
  /** The stream of messages that wait for a consumer. */
  readonly stream: string
  readonly subject: string
  /** The stream of copies that wait for their next attempt. */
  readonly delayed: string
  /** The subject of the copies in one class of waits. */
  readonly delayedSubject: (token: string) => string
  readonly deadLetters: string
  readonly deadLettersSubject: string
  /** Where the queue's consumers answer when they are counted. */
  readonly presence: string
}

export interface Names {
  readonly queue: (name: string) => QueueNames
  /** The stream that holds which queues take a type. */
  readonly bindings: string
  readonly binding: (type: string) => string
  readonly allBindings: string
  readonly signal: (channel: string) => string
}

/** The one durable consumer of a stream; the delayed stream has one for each class of waits, named by its token. */
export const consumer = "kanau"

export const make = (prefix: string): Names => {
  const queues = new Map<string, QueueNames>()
  // Escaping never leaves a lone "=", so nothing can be called like these.
  const space = escape(prefix) || "="
  const queue = (name: string): QueueNames => {
    const key = escape(prefix + name)
    return {
      queue: name,
      stream: key,
      subject: `kanau.queue.${key}`,
      delayed: `${key}=delayed`,
      delayedSubject: (token) => `kanau.delayed.${key}.${token}`,
      deadLetters: `${key}=dlq`,
      deadLettersSubject: `kanau.dlq.${key}`,
      presence: `kanau.presence.${key}`
    }
  }
  return {
    queue: (name) => {
      let known = queues.get(name)
      if (known === undefined) queues.set(name, known = queue(name))
      return known
    },
    bindings: `${escape(prefix)}=bindings`,
    binding: (type) => `kanau.binding.${space}.${escape(type)}`,
    allBindings: `kanau.binding.${space}.*`,
    signal: (channel) => `kanau.signal.${space}.${escape(channel) || "="}`
  }
}

const escape = (text: string): string =>
  plain.test(text) ? text : Array.from(
    new TextEncoder().encode(text),
    (byte) => {
      const character = String.fromCharCode(byte)
      return plain.test(character) ? character : `=${byte.toString(16).toUpperCase().padStart(2, "0")}`
    }
  ).join("")

const plain = /^[\w-]*$/

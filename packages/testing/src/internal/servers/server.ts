import { Id } from "@kanau/core"
import { Effect } from "effect"
import type { Child } from "./processes.ts"

/** The servers a suite may ask for. */
export type Kind = "postgres" | "rabbitmq" | "nats" | "redis" | "mongodb" | "meilisearch" | "mariadb"

/** Where a server came from. */
export type Via = "environment" | "docker" | "apt" | "stand-in"

/** A server that runs, as a suite sees it. */
export interface Server {
  readonly url: string
  readonly version: string
  readonly via: Via
}

/** A part of a server that belongs to one test file. */
export interface Room {
  /** A URL that leads into the room. */
  readonly url: string
  /** Unique; also the prefix for names where the server has nothing better to keep files apart. */
  readonly name: string
}

/** A server as the run that started it sees it. */
export interface Running extends Server {
  readonly openRoom: (name: string) => Promise<Room>
  readonly closeRoom: (name: string) => Promise<void>
  /** Stops what this run started; nothing for a server that was there before. */
  readonly stop: () => Promise<void>
}

/** A server of a suite's own, ready to be started. */
export interface Prepared {
  readonly url: string
  readonly launch: () => Promise<Child>
}

/** Thrown where a server cannot be had; the message says what is missing and what to do. */
export class ServerMissing extends Error {}

/** What a worker sends to the run: a wish for a room, or that it is done with one. */
export interface OpenRequest {
  readonly kind: Kind
  readonly file: string
}
export type RoomRequest = OpenRequest | { readonly close: string }

/** What it gets back for a wish. */
export type RoomReply =
  | { readonly server: Server; readonly room: Room }
  | { readonly missing: string }

/** A name no other run and no other file uses: letters, digits and `_`. */
export const uniqueName = (): string => `kanau_${Effect.runSync(Id.next).replaceAll("-", "").slice(-16)}`

/** The URL of another database, or virtual host, of the same server. */
export const withPath = (url: string, path: string): string => {
  const changed = new URL(url)
  changed.pathname = `/${encodeURIComponent(path)}`
  return changed.href
}

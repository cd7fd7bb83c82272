import { ObjectId } from "bson"
import type { Doc } from "./documents.ts"
import { CommandError, docOf, docsOf, isEqual, keyOf, numberOf } from "./documents.ts"
import { matcher } from "./queries.ts"
import type { Handler } from "./state.ts"

/** The version the stand-in claims to be: the oldest with the bulk write command. */
export const version = "8.0.0"

/**
 * The handshake: a primary of a one-node replica set, which is what makes drivers use sessions and retryable writes.
 * Without `topologyVersion` they poll instead of waiting for a pushed answer.
 */
const hello: Handler = (state) => {
  const me = state.address
  return {
    helloOk: true,
    isWritablePrimary: true,
    ismaster: true,
    secondary: false,
    setName,
    setVersion: 1,
    hosts: [me],
    primary: me,
    me,
    electionId: new ObjectId("7fffffff0000000000000001"),
    maxBsonObjectSize: 16 * 1024 * 1024,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    logicalSessionTimeoutMinutes: 30,
    connectionId: 1,
    minWireVersion: 0,
    maxWireVersion: 25,
    readOnly: false
  }
}

/** The name of the replica set it claims to be. */
export const setName = "rs0"

const buildInfo: Handler = () => ({ version, versionArray: [8, 0, 0, 0], gitVersion: "stand-in" })

const serverStatus: Handler = (state) => ({ version, opcounters: { query: state.queries } })

const endSessions: Handler = (state, command) => {
  for (const session of docsOf(command["endSessions"])) state.replies.delete(keyOf(session["id"]))
  return {}
}

const listDatabases: Handler = (state, command) => {
  const names = new Set([...state.collections.keys()].map((namespace) => namespace.slice(0, namespace.indexOf("."))))
  const databases = [...names].map((name) => ({ name, sizeOnDisk: 0, empty: false }))
  return { databases: databases.filter(matcher(docOf(command["filter"]))), totalSize: 0 }
}

const dropDatabase: Handler = (state, _, database) => {
  for (const namespace of state.collections.keys()) {
    if (namespace.startsWith(`${database}.`)) state.collections.delete(namespace)
  }
  return { dropped: database }
}

const configureFailPoint: Handler = (state, command) => {
  const mode = command["mode"]
  const data = docOf(command["data"])
  state.failPoint = mode === "off" ? undefined : {
    times: numberOf(docOf(mode)["times"], Infinity),
    commands: Array.isArray(data["failCommands"]) ? data["failCommands"] : [],
    closesConnection: data["closeConnection"] === true,
    reply: {
      ok: 0,
      code: data["errorCode"],
      errmsg: "Failing command via failpoint",
      ...(Array.isArray(data["errorLabels"]) && { errorLabels: data["errorLabels"] })
    }
  }
  return {}
}

const create: Handler = (state, command, database) => {
  const namespace = `${database}.${String(command["create"])}`
  if (state.collections.has(namespace)) throw new CommandError(48, `Collection ${namespace} already exists.`)
  state.collection(namespace)
  return {}
}

const drop: Handler = (state, command, database) => {
  const namespace = `${database}.${String(command["drop"])}`
  if (!state.collections.delete(namespace)) throw new CommandError(26, "ns not found")
  return { ns: namespace }
}

const listCollections: Handler = (state, command, database) => {
  const rows = [...state.collections.keys()]
    .filter((namespace) => namespace.startsWith(`${database}.`))
    .map((namespace): Doc => ({
      name: namespace.slice(database.length + 1),
      type: "collection",
      options: {},
      info: { readOnly: false },
      idIndex
    }))
  return state.open(`${database}.$cmd.listCollections`, rows.filter(matcher(docOf(command["filter"]))), Infinity)
}

const idIndex: Doc = { v: 2, key: { _id: 1 }, name: "_id_" }

const createIndexes: Handler = (state, command, database) => {
  const collection = state.collection(`${database}.${String(command["createIndexes"])}`)
  const before = collection.indexes.size + 1
  for (const spec of docsOf(command["indexes"])) {
    const name = String(spec["name"])
    const key = docOf(spec["key"])
    const same = collection.indexes.get(name)
    if (same !== undefined) {
      if (!isEqual(same.spec, spec)) {
        throw new CommandError(86, `An existing index has the same name as the requested index: ${name}`)
      }
      continue
    }
    collection.declare({
      name,
      key,
      spec,
      unique: spec["unique"] === true,
      sparse: spec["sparse"] === true,
      covers: matcher(docOf(spec["partialFilterExpression"])),
      entries: new Map()
    })
  }
  return {
    numIndexesBefore: before,
    numIndexesAfter: collection.indexes.size + 1,
    createdCollectionAutomatically: false
  }
}

const listIndexes: Handler = (state, command, database) => {
  const namespace = `${database}.${String(command["listIndexes"])}`
  if (!state.collections.has(namespace)) throw new CommandError(26, `ns does not exist: ${namespace}`)
  const declared = [...state.existing(namespace).indexes.values()].map((index) => ({ v: 2, ...index.spec }))
  return state.open(namespace, [idIndex, ...declared], Infinity)
}

const dropIndexes: Handler = (state, command, database) => {
  const { indexes } = state.existing(`${database}.${String(command["dropIndexes"])}`)
  const nIndexesWas = indexes.size + 1
  for (const name of [command["index"]].flat().map(String)) {
    if (name === "*") indexes.clear()
    else if (!indexes.delete(name)) throw new CommandError(27, `index not found with name [${name}]`)
  }
  return { nIndexesWas }
}

const nothing: Handler = () => ({})

export const administration: Readonly<Record<string, Handler>> = {
  hello,
  ismaster: hello,
  ping: nothing,
  buildinfo: buildInfo,
  serverstatus: serverStatus,
  endsessions: endSessions,
  killsessions: nothing,
  listdatabases: listDatabases,
  dropdatabase: dropDatabase,
  configurefailpoint: configureFailPoint,
  create,
  drop,
  listcollections: listCollections,
  createindexes: createIndexes,
  listindexes: listIndexes,
  dropindexes: dropIndexes
}

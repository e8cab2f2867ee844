/** Who looks, how often, and at what. Days are working days. */
export interface Population {
  readonly viewers: number;
  /** The share of them that looks on a day. */
  readonly active: number;
  readonly framesPerPage: number;
  readonly visitsPerDay: number;
  /** For how long a page stays visible, minutes. */
  readonly visibleMinutes: number;
  /** The share of the first visits of a day that starts around nine o'clock, and how far around it, minutes (a standard deviation). */
  readonly atNine: number;
  readonly aroundNine: number;
  /** For how long a gadget's answers may be shown before the provider is asked again, minutes. */
  readonly freshMinutes: number;
  /** For how long an access token works, minutes. */
  readonly tokenMinutes: number;
  readonly workingDays: number;
}

/** What things take, as this bench measured it. Processor time is in microseconds. */
export interface Costs {
  /** A frame's question whether what it shows may stay, which memory answers. */
  readonly look: number;
  /** A launch, or the renewal of a frame that stays open. */
  readonly launch: number;
  /** A rendering that asks the provider. */
  readonly rendering: number;
  readonly refresh: number;
  /** PostgreSQL's own time for a launch or a refresh. */
  readonly write: number;
  /** Bytes of memory for each frame that is looked at, with the answers that it was made of. */
  readonly live: number;
  /** Bytes in the database: a Connection, and a launched frame, which is kept for half a day. */
  readonly connection: number;
  readonly frame: number;
}

/** What a machine costs in a month, in any currency. */
export interface Prices {
  readonly core: number;
  readonly gigabyteOfMemory: number;
  readonly gigabyteOfDisk: number;
}

export const POPULATION: Population = {
  viewers: 10_000_000,
  active: 0.3,
  framesPerPage: 3,
  visitsPerDay: 4,
  visibleMinutes: 4,
  atNine: 0.5,
  aroundNine: 15,
  freshMinutes: 5,
  tokenMinutes: 60,
  workingDays: 22,
};

/** As of the runs in docs/performance.md, rounded up. */
export const COSTS: Costs = {
  look: 50,
  launch: 500,
  rendering: 1300,
  // Not measured by itself: a call like a rendering's and two durable writes.
  refresh: 2500,
  write: 400,
  live: 45_000,
  // In SQLite 720 and 440; PostgreSQL has larger rows, and both leave space free.
  connection: 1000,
  frame: 650,
};

/** What cloud providers ask for, in round numbers of dollars. */
export const PRICES: Prices = { core: 25, gigabyteOfMemory: 3, gigabyteOfDisk: 0.15 };

/** What happens in one second of the busiest minute. */
export interface Rates {
  readonly launches: number;
  readonly looks: number;
  readonly renderings: number;
  readonly refreshes: number;
  /** Viewers with a page that is visible. */
  readonly visible: number;
}

/** What has to be there for a population. */
export interface Need {
  /** Of Oriel's processes and of PostgreSQL, with as much again in reserve. */
  readonly cores: number;
  readonly databaseCores: number;
  readonly memoryGb: number;
  readonly diskGb: number;
  /** Of this, what Connections take; the rest are frames. */
  readonly connectionsGb: number;
  readonly perMonth: number;
  readonly perViewerAndMonth: number;
  /** Changes a second that every process has to read, and how many it can tell apart. */
  readonly changes: number;
  readonly mostChanges: number;
  /** How many databases that takes, each with processes and addresses of its own. */
  readonly shards: number;
}

/** No more of a processor is used at the peak: what is beyond serves when a machine is lost, and at the peak within the minute. */
const BUSY = 0.5;
const GB = 1e9;
/** Memory of a process before anyone looks, bytes. */
const IDLE = 130e6;
/** Frames are kept for as long as they can be renewed, and swept then, days. */
const FRAMES_KEPT = 0.5;
/** More changes between two looks at them can't be told apart (`ChangeFeed`), and looks are up to two seconds apart where a database is busy. */
const MOST_CHANGES = 5000 / 2;
/** One PostgreSQL is left at so many cores: beyond, its locks and its log of writes matter more than its processors. */
const MOST_DATABASE_CORES = 16;

const MILLION = 1e6;

/** What a population needs that does so much in the busiest minute. */
export const needOf = (
  { viewers, active, visitsPerDay, framesPerPage }: Population,
  peak: Rates,
  costs: Costs,
  prices: Prices,
): Need => {
  const used =
    (peak.looks * costs.look +
      peak.launches * costs.launch +
      peak.renderings * costs.rendering +
      peak.refreshes * costs.refresh) /
    MILLION;
  const cores = Math.max(2, Math.ceil(used / BUSY));
  const writing = ((peak.launches + peak.refreshes) * costs.write) / MILLION;
  const databaseCores = Math.max(1, Math.ceil(writing / BUSY));
  const memoryGb = (cores * IDLE + peak.visible * framesPerPage * costs.live) / GB;
  const connectionsGb = (viewers * costs.connection) / GB;
  const launches = viewers * active * visitsPerDay * framesPerPage;
  const diskGb = connectionsGb + (launches * FRAMES_KEPT * costs.frame) / GB;
  const perMonth =
    (cores + databaseCores) * prices.core +
    memoryGb * prices.gigabyteOfMemory +
    diskGb * prices.gigabyteOfDisk;
  const shards = Math.max(
    1,
    Math.ceil(peak.refreshes / MOST_CHANGES),
    Math.ceil(databaseCores / MOST_DATABASE_CORES),
  );
  return {
    ...{ cores, databaseCores, memoryGb, diskGb, connectionsGb, perMonth, shards },
    ...{ perViewerAndMonth: perMonth / viewers, changes: peak.refreshes, mostChanges: MOST_CHANGES },
  };
};

// The peer of deadlines_vs_graphile: graphile-worker with the settings that are fastest for many short jobs. Each job
// does in one statement, hence one transaction and one round trip, what a due deadline does: a row of state changes, and
// an event is appended at the next position of its partition.
//
//   PGHOST=... PGUSER=... PGDATABASE=... node worker.mjs JOBS     prints how many jobs a second were done; with 0, only
//                                                                makes its tables
import { Logger, run, runMigrations } from "graphile-worker";
import pg from "pg";

const jobs = Number(process.argv[2]);
const concurrentJobs = 24;
const breach = {
  name: "breach",
  text: `
    WITH changed AS (UPDATE bench_case SET breaches = breaches + 1, breached_at = now() WHERE id = $1 RETURNING id),
         head AS (UPDATE event_head SET position = position + 1 WHERE topic = 1 AND partition = $2 RETURNING position)
    INSERT INTO event (topic, partition, position, event_id, subject, type, occurred_at, payload)
    SELECT 1, $2, head.position, gen_random_uuid(), changed.id, 'ClockBreached', now(), $3 FROM changed, head`,
};

const pgPool = new pg.Pool({ max: concurrentJobs + 2 });
pgPool.on("error", () => {});
pgPool.on("connect", (client) => client.on("error", () => {}));
let done = 0;
let finish;
const finished = new Promise((resolve) => (finish = resolve));
if (jobs === 0) {
  await runMigrations({ pgPool });
  await pgPool.end();
  process.exit(0);
}
// Every connection is open before the first job starts the watch; it stops with the last one.
const clients = await Promise.all(Array.from({ length: concurrentJobs }, () => pgPool.connect()));
clients.forEach((client) => client.release());

let start;
const runner = await run({
  pgPool,
  concurrency: concurrentJobs,
  noHandleSignals: true,
  logger: new Logger(() => () => {}),
  taskList: {
    breach: async ({ subject, partition, payload }, { withPgClient }) => {
      start ??= process.hrtime.bigint();
      await withPgClient((client) =>
        client.query({ ...breach, values: [subject, partition, Buffer.from(payload, "base64")] }),
      );
      if (++done === jobs) finish();
    },
  },
  preset: { worker: { concurrentJobs, localQueue: { size: 500 }, completeJobBatchDelay: 10, failJobBatchDelay: 10 } },
});
await finished;
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
await runner.stop();
await pgPool.end();
console.log(jobs / seconds);

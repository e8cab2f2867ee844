import cluster from 'node:cluster';
import process from 'node:process';

/*
 * Preloaded into each measured server: answers what it has used so far. The server itself knows nothing of it.
 */
process.on('message', (message) => {
  if (message !== 'usage') return;
  const { user, system } = process.cpuUsage();
  process.send?.({ usage: { cpu: user + system, rss: process.memoryUsage.rss() } });
});
// Listening must not keep a draining server alive. A worker's channel is what it waits for when it starts.
if (cluster.isPrimary) process.channel?.unref();

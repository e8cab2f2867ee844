/*
 * At SIGUSR1 Node opens its inspector, by which anyone who may connect to this machine's loopback runs code in the process and reads every
 * token. A listener of our own takes its place. First of all imports: until it stands, the signal would open it.
 */
process.on('SIGUSR1', () => undefined);

import { startMingle } from './mingle/start-mingle.js';
import { required, runAsChild } from './site/child.js';

await runAsChild(() =>
  startMingle({
    port: Number(required('DEMO_PORT')),
    clients: JSON.parse(required('DEMO_CLIENTS')),
    stateFile: process.env.DEMO_STATE || null,
    controlSecret: process.env.DEMO_CONTROL || null,
    oriel: process.env.DEMO_HOST_SECRET
      ? { gadgetOrigin: required('DEMO_GADGET_ORIGIN'), secret: process.env.DEMO_HOST_SECRET }
      : null,
  }),
);

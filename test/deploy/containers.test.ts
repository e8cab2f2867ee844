import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments, parse as yaml } from 'yaml';
import { program } from '../../src/cli/program.js';
import { parseConfig } from '../../src/config/read-config.js';
import { KEY } from '../cli/command-line.js';
import { renderer } from './go-template.js';

const read = (file: string): string => readFileSync(file, 'utf8');
const commands = program().commands.map((command) => command.name());

interface Packed {
  readonly files: readonly { readonly path: string }[];
}
const packedIn = (folder: string): readonly string[] => {
  const out = execFileSync('npm', ['pack', '--ignore-scripts', '--dry-run', '--json', '--loglevel=error'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return (JSON.parse(out) as [Packed])[0].files.map(({ path }) => path);
};

/** Parts of the build that are named after what is in them. */
const isPart = (file: string): boolean => /^dist\/.*-[A-Z0-9]{8}\.js$/.test(file);

describe('The Dockerfile', () => {
  const instructions = read('Dockerfile')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => /^(\w+)\s+(.*)$/.exec(line)?.slice(1) as [string, string]);
  const all = (name: string): readonly string[] =>
    instructions.filter(([word]) => word === name).map(([, rest]) => rest);
  const folder = mkdtempSync(join(tmpdir(), 'oriel-image-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('builds in two stages, runs as a user that is not root, and checks itself by the program', () => {
    expect(all('FROM')).toHaveLength(2);
    expect(all('USER')).toEqual(['1000:1000']);
    expect(instructions.findLastIndex(([word]) => word === 'RUN')).toBeLessThan(
      instructions.findIndex(([word]) => word === 'USER'),
    );
    const [, health = '[]'] = /CMD (\[.*\])/.exec(all('HEALTHCHECK')[0] ?? '') ?? [];
    expect(JSON.parse(health)).toEqual(['oriel', 'healthcheck']);
    expect(JSON.parse(all('ENTRYPOINT')[0] ?? '')).toEqual(['node', '/app/dist/main.js']);
    for (const command of ['healthcheck', JSON.parse(all('CMD')[0] ?? '')[0]])
      expect(commands).toContain(command);
    expect(read('Dockerfile')).not.toMatch(/\b(?:curl|wget|sudo|ADD)\b/);
  });

  it('takes a Node that the package runs on', () => {
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
    const [, major = 0] = /NODE=(\d+)/.exec(all('ARG')[0] ?? '') ?? [];
    expect(engines.node).toBe('>=20.19.0');
    expect(Number(major)).toBeGreaterThanOrEqual(20);
  });

  it('builds from what .dockerignore lets through, and ships what npm packs', () => {
    const given = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    for (const path of given)
      cpSync(path, join(folder, path), { recursive: true, filter: (file) => !/[.]test[.]ts$/.test(file) });
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    for (const source of all('COPY')
      .filter((line) => !line.startsWith('--from'))
      .flatMap((line) => line.split(' ').slice(0, -1)))
      expect(source === '.' || given.includes(source)).toBe(true);
    execFileSync(process.execPath, ['esbuild.config.mjs'], { cwd: folder });
    const shipped = packedIn(folder).filter((file) => !isPart(file));
    const expected = packedIn(resolve('.')).filter(
      (file) => !isPart(file) && file !== 'SECURITY.md' && file !== 'docs/security.md',
    );
    expect([...shipped].sort()).toEqual([...expected].sort());
  }, 60_000);
});

interface Service {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly configs?: readonly { readonly source: string; readonly target: string }[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly read_only?: boolean;
  readonly profiles?: readonly string[];
}

describe('compose.yaml', () => {
  interface Compose {
    readonly services: Readonly<Record<string, Service>>;
    readonly configs: Readonly<Record<string, { readonly file: string }>>;
    readonly secrets: Readonly<Record<string, unknown>>;
    readonly volumes: Readonly<Record<string, unknown>>;
  }
  let compose: Compose;
  beforeAll(() => {
    compose = yaml(read('compose.yaml')) as Compose;
  });

  it('names nothing that is not there', () => {
    const { services, configs, secrets, volumes } = compose;
    const used = <T>(of: (service: Service) => readonly T[] | undefined): readonly T[] =>
      Object.values(services).flatMap((service) => of(service) ?? []);
    for (const name of used((service) => service.secrets)) expect(secrets).toHaveProperty(name);
    for (const { source } of used((service) => service.configs))
      expect(read(configs[source]?.file ?? '')).not.toBe('');
    for (const volume of used((service) => service.volumes))
      expect(volumes).toHaveProperty(volume.split(':')[0] ?? '');
    for (const name of used((service) => Object.keys(service.depends_on ?? {})))
      expect(services).toHaveProperty(name);
    expect(services.demo?.profiles).toEqual(['demo']);
    expect(commands).toContain(services.demo?.command?.[0]);
    expect(services.oriel?.read_only).toBe(true);
  });

  it('gives Oriel a configuration without a mistake, with what the environment has by default', () => {
    const { environment = {} } = compose.services.oriel ?? {};
    const env = Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [name, /:-(.*)\}$/.exec(value)?.[1] ?? '']),
    );
    const file = resolve('deploy/compose/oriel.yaml');
    const text = read(file).replace(`\${file:/run/secrets/database-password}`, 'a-password');
    const config = parseConfig(Buffer.from(text), file, { ...env, ORIEL_KEY: KEY });
    expect([config.listen.host, config.listen.port, config.trustedProxies]).toEqual(['0.0.0.0', 3000, []]);
  });
});

describe('The systemd unit', () => {
  const unit = read('deploy/systemd/oriel.service');
  const has = spawnSync('systemd-analyze', ['--version']).status === 0;

  it('starts a file of the package, by a command of the program', () => {
    const [, file = '', command = ''] =
      /^ExecStart=\/usr\/bin\/node \/opt\/oriel\/node_modules\/oriel\/(\S+) (\S+)/m.exec(unit) ?? [];
    expect(packedIn(resolve('.'))).toContain(file);
    expect(commands).toContain(command);
  });

  it('and that of backups run commands of the program', () => {
    const units = unit + read('deploy/systemd/oriel-backup.service');
    const used = [...units.matchAll(/dist\/main\.js ([a-z-]+)/g)].map(([, command]) => command);
    expect(used).toEqual(['serve', 'backup', 'restore']);
    for (const command of used) expect(commands).toContain(command);
  });

  it('can be read by systemd, and leaves an exposure below 2', ({ skip }) => {
    if (!has) skip('there is no systemd-analyze here');
    const file = resolve('deploy/systemd/oriel.service');
    const out = execFileSync('systemd-analyze', ['security', '--offline=true', file], { encoding: 'utf8' });
    expect(Number(/exposure level for oriel.service: ([\d.]+)/.exec(out)?.[1])).toBeLessThan(2);
    const backups = ['service', 'timer'].map((kind) => resolve(`deploy/systemd/oriel-backup.${kind}`));
    const verified = spawnSync('systemd-analyze', ['verify', file, ...backups], { encoding: 'utf8' });
    // Node may be elsewhere on this machine.
    const said = (verified.stdout + verified.stderr)
      .split('\n')
      .filter((line) => /oriel(?:-backup)?\.(?:service|timer)/.test(line) && !line.includes('/usr/bin/node'));
    expect(said).toEqual([]);
  });
});

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  // biome-ignore lint/suspicious/noExplicitAny: Kubernetes' own objects, of which a test looks at a few places.
  readonly spec: any;
  readonly data?: Readonly<Record<string, string>>;
}

describe('The Helm chart', () => {
  const CHART = 'deploy/helm/oriel';
  const chart = yaml(read(`${CHART}/Chart.yaml`)) as { appVersion: string };
  const values = yaml(read(`${CHART}/values.yaml`)) as Record<string, object>;
  const rendered = (more: Readonly<Record<string, unknown>> = {}): readonly Manifest[] => {
    const { name: _, ...merged } = { ...values, ...more, name: '' };
    const render = renderer(read(`${CHART}/templates/_helpers.tpl`), {
      Values: merged,
      Release: { Name: 'shown' },
      Chart: { AppVersion: chart.appVersion },
    });
    return readdirSync(`${CHART}/templates`)
      .filter((file) => file.endsWith('.yaml'))
      .flatMap((file) => parseAllDocuments(render(read(`${CHART}/templates/${file}`))))
      .flatMap((document) => {
        expect(document.errors).toEqual([]);
        const manifest = document.toJS() as Manifest | null;
        return manifest === null ? [] : [manifest];
      });
  };
  const one = (manifests: readonly Manifest[], kind: string): Manifest => {
    const found = manifests.find((each) => each.kind === kind);
    if (found === undefined) throw new Error(`there is no ${kind}`);
    return found;
  };

  it('has the version of the package', () => {
    expect(chart.appVersion).toBe((JSON.parse(read('package.json')) as { version: string }).version);
  });

  it('makes a deployment without rights, a service, a configuration and a budget by default', () => {
    const manifests = rendered();
    expect(manifests.map(({ kind }) => kind).sort()).toEqual([
      'ConfigMap',
      'Deployment',
      'PodDisruptionBudget',
      'Service',
    ]);
    const pod = one(manifests, 'Deployment').spec.template;
    const [container] = pod.spec.containers;
    expect(container.image).toBe(`oriel:${chart.appVersion}`);
    expect(commands).toContain(container.args[0]);
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.spec.securityContext.runAsNonRoot).toBe(true);
    const volumes = pod.spec.volumes.map(({ name }: { name: string }) => name);
    for (const { name } of container.volumeMounts) expect(volumes).toContain(name);
    const ports = container.ports.map(({ name }: { name: string }) => name);
    for (const { targetPort } of one(manifests, 'Service').spec.ports) expect(ports).toContain(targetPort);
    expect(one(manifests, 'Deployment').spec.selector.matchLabels).toEqual(pod.metadata.labels);
    expect(pod.metadata.annotations['checksum/config']).toMatch(/^[0-9a-f]{64}$/);
  });

  it('gives Oriel a configuration without a mistake', () => {
    const text = one(rendered(), 'ConfigMap').data?.['oriel.yaml'] ?? '';
    const config = parseConfig(Buffer.from(text), '/etc/oriel/oriel.yaml', {
      ORIEL_KEY: KEY,
      DATABASE_PASSWORD: 'x',
    });
    expect(config.metrics?.listen).toMatchObject({ host: '0.0.0.0', port: 9464 });
    expect(config.listen).toMatchObject({ host: '0.0.0.0', port: 3000 });
  });

  it('can add an ingress for both names, a monitor, and what else values offer', () => {
    const manifests = rendered({
      ingress: { ...values.ingress, enabled: true, className: 'nginx', annotations: { a: 'b' } },
      serviceMonitor: { ...values.serviceMonitor, enabled: true, labels: { release: 'prometheus' } },
      env: [{ name: 'A', value: 'b' }],
      volumes: [{ name: 'gadgets', configMap: { name: 'gadgets' } }],
      volumeMounts: [{ name: 'gadgets', mountPath: '/gadgets' }],
      ...{
        podAnnotations: { c: 'd' },
        nodeSelector: { e: 'f' },
        tolerations: [{ key: 'g' }],
        affinity: { h: {} },
      },
      ...{ imagePullSecrets: [{ name: 'i' }], topologySpreadConstraints: [{ maxSkew: 1 }] },
    });
    const { rules, ingressClassName } = one(manifests, 'Ingress').spec;
    expect(ingressClassName).toBe('nginx');
    expect(rules.map(({ host }: { host: string }) => host)).toEqual([
      'gadgets.example.com',
      'oriel.example.net',
    ]);
    for (const { http } of rules)
      expect(http.paths[0].backend.service).toEqual({ name: 'shown', port: { name: 'http' } });
    expect(one(manifests, 'ServiceMonitor').metadata.labels.release).toBe('prometheus');
    const pod = one(manifests, 'Deployment').spec.template;
    expect(pod.spec.containers[0].volumeMounts).toHaveLength(3);
    expect(pod.metadata.annotations.c).toBe('d');
  });

  it('leaves metrics out where they are not configured', () => {
    const { metrics: _, ...config } = values.config as Record<string, unknown>;
    const manifests = rendered({ config: { ...config, metrics: null } });
    expect(one(manifests, 'Service').spec.ports).toHaveLength(1);
  });
});

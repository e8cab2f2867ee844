import { spawnSync } from 'node:child_process';
import type { Language } from '../../../../src/hosts/snippets/snippet-facts.js';

/** How a language is run here: files to lay beside the snippet, commands to run before, and the command that serves. */
export interface Runner {
  readonly files: Readonly<Record<string, string>>;
  readonly before: readonly (readonly string[])[];
  readonly serve: readonly string[];
}

/** The user that the hosts of these tests see behind any cookie. */
export const USER = { id: 'u-17', name: 'Änn "Q" \\ 17' };
const NAME = '\\u00c4nn \\"Q\\" \\\\ 17';

const runs = (command: string, ...args: string[]): boolean => {
  const { error, status } = spawnSync(command, args, { stdio: 'ignore' });
  return error === undefined && status === 0;
};

/** What must be there, by language: the interpreter, and the library that asymmetric keys need. */
export const PRESENT: Readonly<Record<Language, { readonly runs: boolean; readonly library: boolean }>> = {
  node: { runs: true, library: true },
  python: { runs: runs('python3', '--version'), library: runs('python3', '-c', 'import jwt, cryptography') },
  ruby: { runs: runs('ruby', '--version'), library: runs('ruby', '-rjwt', '-e', '') },
  java: { runs: runs('javac', '-version') && runs('java', '-version'), library: true },
  php: { runs: runs('php', '--version'), library: false },
  go: { runs: runs('go', 'version'), library: false },
};

const SERVER_IN_RUBY = `require 'socket'
require_relative 'oriel_token'
app = OrielToken.new { |env| env['HTTP_COOKIE'] && { id: 'u-17', name: "${NAME}" } }
server = TCPServer.new('127.0.0.1', ENV.fetch('PORT').to_i)
puts 'serving'
$stdout.flush
loop do
  socket = server.accept
  env = { 'REQUEST_METHOD' => socket.gets.split.first }
  while (line = socket.gets.chomp) != ''
    name, value = line.split(': ', 2)
    name = name.upcase.tr('-', '_')
    env[%w[CONTENT_TYPE CONTENT_LENGTH].include?(name) ? name : "HTTP_#{name}"] = value
  end
  socket.read(env['CONTENT_LENGTH'].to_i)
  status, headers, body = app.call(env)
  body = body.join
  socket.write("HTTP/1.1 #{status} -\\r\\n#{headers.map { |n, v| "#{n}: #{v}\\r\\n" }.join}content-length: #{body.bytesize}\\r\\nconnection: close\\r\\n\\r\\n#{body}")
  socket.close
end
`;

/** For Java programs that run for a second: code that is not worth optimizing, on one thread. */
const QUICKLY = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

export const RUNNERS: Readonly<Record<Language, Runner>> = {
  node: {
    files: {
      'serve.mjs': `import { createServer } from 'node:http';
import { orielToken } from './oriel-token.mjs';
const signedIn = ({ headers }) => (headers.cookie ? { id: 'u-17', name: "${NAME}" } : null);
createServer(orielToken(signedIn)).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('serving'));
`,
    },
    before: [],
    serve: [process.execPath, 'serve.mjs'],
  },
  python: {
    files: {
      'serve.py': `import os
from wsgiref.simple_server import make_server
from oriel_token import oriel_token
app = oriel_token(lambda environ: {"id": "u-17", "name": "${NAME}"} if environ.get("HTTP_COOKIE") else None)
server = make_server("127.0.0.1", int(os.environ["PORT"]), app)
print("serving", flush=True)
server.serve_forever()
`,
    },
    before: [],
    serve: ['python3', 'serve.py'],
  },
  ruby: { files: { 'serve.rb': SERVER_IN_RUBY }, before: [], serve: ['ruby', 'serve.rb'] },
  java: {
    files: {
      'Serve.java': `import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
public class Serve {
  public static void main(String[] args) throws Exception {
    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 0);
    server.createContext("/", new OrielToken(exchange ->
        exchange.getRequestHeaders().getFirst("Cookie") == null ? null : new OrielToken.User("u-17", "${NAME}")));
    server.start();
    System.out.println("serving");
  }
}
`,
    },
    before: [
      [
        'javac',
        ...QUICKLY.map((flag) => `-J${flag}`),
        '-encoding',
        'US-ASCII',
        'OrielToken.java',
        'Serve.java',
      ],
    ],
    serve: ['java', ...QUICKLY, 'Serve'],
  },
  php: {
    files: {
      'serve.php': `<?php
require __DIR__ . '/oriel_token.php';
oriel_token(fn () => isset($_SERVER['HTTP_COOKIE']) ? ['id' => 'u-17', 'name' => "${NAME.replace('\\u00c4', '\\u{c4}')}"] : null);
`,
    },
    before: [],
    serve: ['php', '-S', '127.0.0.1:PORT', 'serve.php'],
  },
  go: {
    files: {
      'go.mod': 'module host\n\ngo 1.18\n',
      'main.go': `package main

import (
	"fmt"
	"net"
	"net/http"
	"os"

	"host/orieltoken"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		panic(err)
	}
	fmt.Println("serving")
	panic(http.Serve(listener, orieltoken.Handler(func(r *http.Request) *orieltoken.User {
		if r.Header.Get("Cookie") == "" {
			return nil
		}
		return &orieltoken.User{ID: "u-17", Name: "${NAME}"}
	})))
}
`,
    },
    before: [['go', 'build', '-o', 'serve', '.']],
    serve: ['./serve'],
  },
};

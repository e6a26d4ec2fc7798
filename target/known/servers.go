package known

// Interpreters, by the names of their files.
const (
	python = `python[0-9.]*|pypy[0-9.]*`
	perl   = `perl[0-9.]*`
	ruby   = `ruby[0-9.]*`
	php    = `php[0-9.]*`
)

// allOfSomaxconn is the default of servers that ask for more than the kernel ever gives.
const allOfSomaxconn = "all of net.core.somaxconn"

// Restart is how most take a backlog that was changed: a socket that listens keeps its own.
const Restart = "Restart the server."

// Servers are all that are known, the more special ones of a language first.
var Servers = []Server{
	{
		Kind: "nginx", Name: "nginx", Setting: "listen … backlog={N};", Default: "511",
		File: "the server's block in the file of -c, /etc/nginx/nginx.conf, or below sites-enabled/ or conf.d/; once " +
			"for each address",
		Live: "`nginx -s reload` applies a changed backlog; a raised net.core.somaxconn alone needs a restart.",
		by:   program(`nginx`),
	},
	{
		Kind: "haproxy", Name: "HAProxy", Setting: "backlog {N}", Default: "the frontend's maxconn",
		File: "the frontend, or defaults, in /etc/haproxy/haproxy.cfg",
		Live: "Restart HAProxy: a reload may hand over sockets that listen already.",
		by:   program(`haproxy`),
	},
	{
		Kind: "redis", Name: "Redis", Setting: "tcp-backlog {N}", Default: "511",
		File: "/etc/redis/redis.conf", Live: Restart,
		by: program(`(redis|valkey|keydb)-(server|check-rdb)`),
	},
	{
		Kind: "apache", Name: "Apache httpd", Setting: "ListenBacklog {N}", Default: "511",
		File: "/etc/apache2/apache2.conf, or httpd.conf", Live: Restart,
		by: program(`apache2|httpd`),
	},
	{
		Kind: "php-fpm", Name: "PHP-FPM", Setting: "listen.backlog = {N}", Default: "511",
		File: "the pool, such as /etc/php/8.2/fpm/pool.d/www.conf",
		Live: "Restart PHP-FPM: a reload keeps the sockets.",
		by:   program(`php-fpm[0-9.]*`),
	},
	{
		Kind: "xinetd", Name: "xinetd", Default: "64",
		Instead: "xinetd passes a fixed 64: let a systemd socket unit with Accept=yes and Backlog={N} start the " +
			"program instead.",
		File: "/etc/systemd/system/NAME.socket",
		Live: "Stop xinetd's service, then `systemctl daemon-reload` and `systemctl restart NAME.socket`.",
		by:   program(`xinetd`),
	},
	{
		Kind: "systemd", Name: "systemd socket units", Setting: "Backlog={N}", Default: allOfSomaxconn,
		File: "[Socket] of the unit: `systemctl edit NAME.socket`",
		Live: "`systemctl daemon-reload`, then `systemctl restart NAME.socket`.",
		by:   program(`systemd|systemd-socket-activate`),
	},
	{
		Kind: "gunicorn", Name: "gunicorn (Python)", Setting: "--backlog {N}", Default: "2048",
		File: "the command line; in gunicorn.conf.py it is `backlog = {N}`",
		Live: "Restart gunicorn: HUP keeps the sockets.",
		by:   script(python, `gunicorn[0-9.]*`),
	},
	{
		Kind: "uwsgi", Name: "uWSGI (Python)", Setting: "listen = {N}", Default: "100",
		File: "the .ini file, or `--listen {N}`",
		Live: "Restart uWSGI; it does not start with more than net.core.somaxconn.",
		by:   program(`uwsgi(-core)?|uwsgi_python[0-9.]*`),
	},
	{
		Kind: "twisted", Name: "Twisted (Python; starpy)", Setting: "reactor.listenTCP(port, factory, backlog={N})",
		Default: "50", File: "the program", Live: Restart,
		by: script(python, `twistd[0-9.]*`),
	},
	{
		Kind: "python-socketserver", Name: "Python socketserver", Setting: "request_queue_size = {N}", Default: "5",
		File: "the server's class in the program", Live: Restart,
		by: program(python),
	},
	{
		Kind: "python-asyncio", Name: "Python asyncio (panoramisk)",
		Setting: "asyncio.start_server(handler, host, port, backlog={N})", Default: "100",
		File: "the program; the same for loop.create_server()", Live: Restart,
		by: program(python),
	},
	{
		Kind: "python-socket", Name: "Python socket", Setting: "sock.listen({N})", Default: "128, or " +
			"SOMAXCONN", Idiom: "5",
		File: "the program", Live: Restart,
		by: program(python),
	},
	{
		Kind: "node", Name: "Node.js (ding-dong)", Setting: "server.listen({port, backlog: {N}})", Default: "511",
		File: "the program", Live: Restart,
		by: program(`node[0-9.]*|nodejs`),
	},
	{
		Kind: "java-socket", Name: "Java ServerSocket (asterisk-java)", Setting: "new ServerSocket(port, {N})",
		Default: "50", File: "the program; ServerSocketChannel.bind(address, {N}) for NIO", Live: Restart,
		by: program(`java`),
	},
	{
		Kind: "java-netty", Name: "Java Netty", Setting: "bootstrap.option(ChannelOption.SO_BACKLOG, {N})",
		Default: allOfSomaxconn, File: "the program", Live: Restart,
		by: program(`java`),
	},
	{
		Kind: "java-tomcat", Name: "Tomcat", Setting: `acceptCount="{N}"`, Default: "100",
		File: "the Connector in conf/server.xml", Live: Restart,
		by: program(`java`),
	},
	{
		Kind: "perl-socket", Name: "Perl IO::Socket", Setting: "IO::Socket::INET->new(Listen => {N}, …)",
		Default: "5", File: "the program", Live: Restart,
		by: program(perl),
	},
	{
		Kind: "perl-server", Name: "Perl Net::Server (Asterisk::AGI)", Setting: "listen {N}", Default: "4096",
		File: "the server's configuration file, or `listen => {N}` in run()", Live: Restart,
		by: program(perl),
	},
	{
		Kind: "puma", Name: "Puma (Ruby)", Setting: "bind 'tcp://0.0.0.0:9292?backlog={N}'", Default: "1024",
		File: "config/puma.rb", Live: Restart,
		by: script(ruby, `puma`),
	},
	{
		Kind: "unicorn", Name: "Unicorn (Ruby)", Setting: "listen 8080, backlog: {N}", Default: "1024",
		File: "config/unicorn.rb", Live: Restart,
		by: script(ruby, `unicorn(_rails)?`),
	},
	{
		Kind: "ruby", Name: "Ruby TCPServer", Setting: "server.listen({N})", Default: "4096",
		File: "the program", Live: Restart,
		by: program(ruby),
	},
	{
		Kind: "php", Name: "PHP stream_socket_server()",
		Setting: "stream_context_create(['socket' => ['backlog' => {N}]])", Default: "32",
		File: "the program: the context is an argument of stream_socket_server()", Live: Restart,
		by: program(php),
	},
	{
		Kind: "go", Name: "Go", Default: "net.core.somaxconn at its start, 128 where that is 16777215 or " +
			"more", Follows: true,
		Instead: "Go takes no backlog: it passes what net.core.somaxconn is when it begins to listen, and 128 where " +
			"that is 16777215 or more. It needs {N} there.",
		File: "/etc/sysctl.d/90-listen-queue.conf", Live: Restart,
		by: builtByGo,
	},
}

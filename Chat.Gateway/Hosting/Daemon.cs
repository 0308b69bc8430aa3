using System.Net.Sockets;
using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using Akka.Hosting;
using Chat.Actors;
using Chat.Actors.Connections;
using Chat.Actors.History;
using Chat.Actors.History.Postgres;
using Chat.Actors.Nodes;
using Chat.Gateway.Configuration;
using Chat.Gateway.Sockets;
using Chat.Gateway.Web;
using Chat.Protocol;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Console;
#if FLECK
using Chat.Gateway.Sockets.Fleck;
using Microsoft.AspNetCore.Hosting.Server;
#else
using System.Net.Security;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
#endif

namespace Chat.Gateway.Hosting;

/// <summary>The daemon, from its options to its end.</summary>
internal static partial class Daemon
{
    // Thousands may come back at once after a restart.
    private const int Backlog = 4096;

    // The settings are read once, at the start: nothing has to watch their files for changes.
    private const string NoFileWatch = "--hostBuilder:reloadConfigOnChange=false";

    // ASPNETCORE_FORWARDEDHEADERS_ENABLED in the environment would have the framework believe anybody's X-Forwarded-For.
    private const string NoForwardedHeaders = "--ForwardedHeaders_Enabled=false";

    // Akka's scheduler wakes at each tick, whether something is due or not. All that is timed here is a second or longer, so its own
    // default of 10 ms would only keep an idle machine awake.
    private const string SchedulerTick = "250ms";

    // Nodes wait for each other in shorter times.
    private const string ClusterTick = "25ms";

    // Rates come with a burst of so many times as much. After a restart, who was in 50 rooms that nobody wrote in makes them all anew.
    private const double Burst = 10;
    private const double CreateBurst = 100;
    private const double PublishBurst = 2;
    private const double FrameBurst = 2;

    private const int SecretBytes = 32;

    // Past it the host gives up waiting for what stops.
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(30);

    /// <summary>Runs until it is told to stop. Throws a <see cref="StorageException"/> where the data folder or the database can't be had.</summary>
    public static async Task<int> RunAsync(GatewayOptions options)
    {
        var logger = (ILogger?)null;
        var limit = FileLimit.InForce();
        var files = FileLimit.Share(options.MaxConnections, limit);
        var chat = ToChatOptions(options);
        var certificate = ServerCertificate.Of(options);
        if (ClusterNode.WhyNot(options, out var address) is var (why, code))
        {
            Console.Error.WriteLine(why);
            return code;
        }
        var cluster = ClusterNode.Of(options, address);
        var (opened, place) = OpenHistory(options, ToHistoryOptions(options, chat, files.Logs), warning =>
        {
            if (logger is { } log)
                LogStorage(log, warning.ToString());
            else
                Console.Error.WriteLine(warning);
        });
        using var store = opened;
        await using var app = Build(options, chat, files, store, certificate, cluster);
        logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Chat.History");
        try
        {
            await app.StartAsync();
        }
        catch (IOException e) when (e.InnerException is SocketException or Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            Console.Error.WriteLine(
                $"--port: {options.Port} on {options.Host} is in use by another program. Choose another port, 0 for any free one.");
            return ExitCodes.Usage;
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Told to stop before it had started.
            return ExitCodes.Ok;
        }
        catch (SocketException e)
        {
            Console.Error.WriteLine($"--host: {options.Host} can't be listened on: {e.Message}. It must be an address of this machine.");
            return ExitCodes.Usage;
        }
        foreach (var url in app.Urls)
            LogListening(app.Logger, url.Replace("http", "ws") + "/ws", url + "/", place, (options.Postgres is null ? options.Durability : Durability.Always).ToString().ToLowerInvariant());
        if (options.ClusterHost is { } host && address is not null && ClusterNode.IsLoopbackUnawares(host, address))
            LogLoopback(app.Logger, host);
        if (files.Connections != options.MaxConnections && limit is { } open)
            LogFewFiles(app.Logger, open, files.Connections);
        await app.WaitForShutdownAsync();
        return app.Services.GetRequiredService<OrderlyEnd>().IsOrderly ? ExitCodes.Ok : ExitCodes.Failed;
    }

    // And where it is, as a person calls it.
    private static (IHistoryStore Store, string Place) OpenHistory(GatewayOptions options, FileHistoryOptions history, Action<StorageWarning> warn)
    {
        if (options.Postgres is not { } address)
            return (FileHistoryStore.Open(options.Data, history, warn), Path.GetFullPath(options.Data));
        var store = PostgresHistoryStore.Open(address.Connection, history, warn);
        try
        {
            store.Use(isShared: options.ClusterHost is not null);
            return (store, store.Name);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    private static AkkaConfigurationBuilder AddChat(this AkkaConfigurationBuilder akka, ChatOptions chat, IHistoryStore store, ClusterOptions? cluster)
    {
        if (cluster is null)
            return akka.AddChat(chat, store);
        // As the options have it: the nodes share their history.
        var shared = (PostgresHistoryStore)store;
        return akka.AddCluster(cluster).AddClusteredChat(cluster, chat, store, new SavedSessions(shared.Sessions, chat.Time), shared.Nodes, shared.Secret("session", SecretBytes));
    }

    private static WebApplication Build(GatewayOptions options, ChatOptions chat, FileLimit.Shares files, IHistoryStore store, ServerCertificate? certificate, ClusterOptions? cluster)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [NoFileWatch, NoForwardedHeaders] });
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical).AddFilter("Akka", LogLevel.Warning)
            // It logs nothing that Kestrel doesn't, and while it may, each connection holds an activity and a scope of it.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
            .AddConsole(SystemdHelpers.IsSystemdService());
        Listen(builder, options, new Strangers(options, files.Sockets), chat, certificate);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = cluster is null ? StopTime : LeaveTime);
        builder.Services.AddAkka("chat", (akka, services) => akka
            .ConfigureLoggers(loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
            })
            .AddHocon($"akka {{ log-dead-letters = off, scheduler.tick-duration = {(cluster is null ? SchedulerTick : ClusterTick)} }}", HoconAddMode.Prepend)
            .AddChat(chat, store, cluster)
            .AddStartup((_, _) =>
            {
                services.GetRequiredService<OrderlyEnd>().Register();
                if (services.GetService<ClusterView>() is { } view)
                    view.WhenIn(() => LogIn(services.GetRequiredService<ILogger<ClusterView>>(), view.Self));
            }));
        builder.Services.AddSingleton(chat).AddSingleton(store).AddSingleton<ClientConnections>();
        builder.Services.AddSingleton(new Admission(chat, files.Connections, options.MaxConnectionsPerAddress));
        builder.Services.AddSingleton(chat.Time).AddSingleton<Rejections>();
        builder.Services.AddSingleton<OrderlyEnd>().AddSingleton<Draining>().AddSingleton<IHostLifetime, SignalLifetime>();
        builder.Services.AddChatWeb(options, Version);
        builder.Services.AddChatTelemetry(options, Version);
        if (cluster is not null)
            builder.Services.AddSingleton<ClusterView>();
        var certificates = new List<(string Option, Func<X509Certificate2> Current)>();
        if (certificate is not null)
        {
            builder.Services.AddHostedService(services => new CertificateWatch(certificate, chat.Time, services.GetRequiredService<ILogger<CertificateWatch>>()));
            certificates.Add(("--certificate", () => certificate.Current.TargetCertificate));
        }
        if (cluster?.Tls is { } tls)
            certificates.AddRange([("--cluster-certificate", () => tls.Certificate), .. tls.Trusted.Select(trusted => ("--cluster-trust", (Func<X509Certificate2>)(() => trusted)))]);
        if (certificates.Count > 0)
            builder.Services.AddHostedService(services => new ExpiryWatch(certificates, chat.Time, services.GetRequiredService<ILogger<ExpiryWatch>>()));
        builder.Services.AddHostedService(services => new SilenceWatch(
            services.GetRequiredService<ClientConnections>(), services.GetRequiredService<Admission>(), services.GetRequiredService<Rejections>(), chat.Time,
            services.GetRequiredService<ILogger<SilenceWatch>>()));
        var app = builder.Build();
        app.UseChatWeb(options);
        _ = app.Services.GetService<GatewayMeter>();
        return app;
    }

    private static void AddConsole(this ILoggingBuilder logging, bool isSystemd)
    {
        // The journal keeps the times.
        if (isSystemd)
            logging.AddSystemdConsole();
        else
            logging.AddSimpleConsole(console =>
            {
                (console.SingleLine, console.TimestampFormat) = (true, "HH:mm:ss ");
                console.ColorBehavior = LoggerColorBehavior.Default;
            });
    }

#if FLECK
    private static void Listen(
        WebApplicationBuilder builder, GatewayOptions options, Strangers strangers, ChatOptions chat, ServerCertificate? certificate)
    {
        if (certificate is not null)
            throw new CertificateException("--certificate: the gateway that is built on Fleck has no TLS. Put a proxy before it, or take the one on Kestrel.");
        builder.Services.AddSingleton<IServer>(services => new FleckServer(
            options, Backlog, strangers, services.GetRequiredService<Rejections>(), chat,
            services.GetRequiredService<ILogger<FleckServer>>()));
    }
#else
    // Bytes that are read ahead of one connection: a handshake's headers fit, and who isn't read for a while keeps what it sends.
    private const int ReadBytes = 64 * 1024;

    // Kestrel adds an infinite one to the time that it is, and the sum is long past.
    private static readonly TimeSpan NoLimit = TimeSpan.FromDays(36_500);

    private static void Listen(
        WebApplicationBuilder builder, GatewayOptions options, Strangers strangers, ChatOptions chat, ServerCertificate? certificate)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            var time = options.HandshakeSeconds > 0 ? TimeSpan.FromSeconds(options.HandshakeSeconds) : NoLimit;
            (kestrel.Limits.KeepAliveTimeout, kestrel.Limits.RequestHeadersTimeout) = (time, time);
            kestrel.Listen(options.Host, options.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                strangers.Guard(listen);
                if (certificate is not null)
                    listen.UseHttps(new TlsHandshakeCallbackOptions
                    {
                        OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = certificate.Current }),
                        HandshakeTimeout = time,
                    });
                KestrelHandshake.Use(listen, chat);
            });
        });
        builder.WebHost.UseSockets(sockets => (sockets.Backlog, sockets.MaxReadBufferSize) = (Backlog, ReadBytes));
    }
#endif

    private static ChatOptions ToChatOptions(GatewayOptions options) => new()
    {
        Limits = new Limits
        {
            FrameBytes = options.MaxMessageBytes,
            MessageCharacters = options.MaxMessageCharacters,
            Rooms = options.MaxRoomsPerSession,
            UnansweredRequests = options.MaxUnanswered,
            Grace = TimeSpan.FromSeconds(options.GraceSeconds),
            PublishRate = options.PublishRate,
            PublishBurst = options.PublishRate == 0 ? new Limits().PublishBurst : BurstOf(options.PublishRate, PublishBurst),
            ReadRate = options.ReadRate,
        },
        MaxMalformed = options.MaxMalformed,
        PingAfter = TimeSpan.FromSeconds(options.PingSeconds),
        DeadAfter = TimeSpan.FromSeconds(options.DeadSeconds),
        LoginTime = TimeSpan.FromSeconds(options.LoginSeconds),
        ConnectRate = options.ConnectRate,
        ConnectBurst = BurstOf(options.ConnectRate, Burst),
        FrameRate = options.FrameRate,
        FrameBurst = BurstOf(options.FrameRate, FrameBurst),
        LoginRate = options.LoginRate,
        LoginBurst = BurstOf(options.LoginRate, Burst),
        JoinRate = options.JoinRate,
        JoinBurst = BurstOf(options.JoinRate, Burst),
        AddressFactor = options.AddressFactor,
        MaxRooms = options.MaxRooms,
        MaxRoomsPerUser = options.MaxRoomsPerUser,
        CreateRate = options.CreateRate,
        CreateBurst = BurstOf(options.CreateRate, CreateBurst),
        OutboxBytes = options.OutboxBytes,
        AccessToken = options.AccessToken,
        ReservedNames = options.ApiKeys.Select(key => key.Name.Folded).ToHashSet(),
        Server = new ServerInfo("ChatActors", Version),
    };

    private static int BurstOf(double rate, double times) => Math.Max(1, (int)Math.Ceiling(rate * times));

    // What the rooms' windows of ids need is kept.
    private static FileHistoryOptions ToHistoryOptions(GatewayOptions options, ChatOptions chat, int logs) => new()
    {
        OpenLogs = logs,
        Durability = options.Durability,
        RetainAge = options.RetainDays > 0 ? TimeSpan.FromDays(options.RetainDays) : null,
        RetainBytes = options.RetainBytes,
        WindowTime = chat.WindowTime,
        WindowAtLeast = chat.WindowAtLeast,
        WindowAtMost = chat.WindowAtMost,
        Time = chat.Time,
    };

    private static string Version =>
        typeof(Daemon).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Listening on {Url}, the page at {Page}, history in {Place} (durability {Durability})")]
    private static partial void LogListening(ILogger logger, string url, string page, string place, string durability);

    [LoggerMessage(EventId = 3, Level = LogLevel.Information,
        Message = "The system lets this process open {Files} files, enough for {Connections} connections: no more are taken. Raise it (`ulimit -n`) for more")]
    private static partial void LogFewFiles(ILogger logger, long files, int connections);

    [LoggerMessage(EventId = 4, Level = LogLevel.Information, Message = "In the cluster, as {Node}")]
    private static partial void LogIn(ILogger logger, string node);

    [LoggerMessage(EventId = 5, Level = LogLevel.Warning, Message = "--cluster-host: {Host} is an address of the loopback interface here, so no other machine reaches this node. Give an address, or correct /etc/hosts")]
    private static partial void LogLoopback(ILogger logger, string host);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "{Warning}")]
    private static partial void LogStorage(ILogger logger, string warning);
}

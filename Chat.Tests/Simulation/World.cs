using Akka.Actor;
using Chat.Actors.History;
using Chat.Tests.Fakes;

namespace Chat.Tests.Simulation;

/// <summary>
/// A server, its disk, its clients and what lies between them, in one thread and in a time of its own: whatever happens next is decided by
/// one seed. First much happens and goes wrong; then nothing goes wrong any more, and all must come to rest as the protocol promises.
/// </summary>
internal sealed partial class World
{
    private const string Folder = "/data";

    // An outbox may hold so much beside what its bound counts: pages in turn, and the answers of unanswered requests.
    private const int BesideBound = 2 * 64 * 1024 + 64 * 1024;

    private readonly SimulatedSystem _system;
    private readonly SimulatedDisk _disk;
    private readonly StoredLogs _logs;
    private readonly List<Client> _clients = [];
    private readonly List<SimulatedSocket> _sockets = [];
    private SimulatedServer? _server;
    private TimeSpan _startAt;
    private int _starts;
    private int _boot = 1;
    private bool _isSettling;
    private bool _hasNoPower;
    private int _depth;

    public World(int seed, SimulatedSystem system, Trace trace)
    {
        (_system, Trace, Chance) = (system, trace, new Random(seed));
        Plan = Plan.Of(Chance);
        Trace.Clock = () => Now;
        _disk = new SimulatedDisk(Chance.Next()) { Fault = FaultOf, Meanwhile = Meanwhile };
        _logs = new StoredLogs(_disk, Folder, Plan.Durability);
        Truth = new Truth(this, _logs);
        Names = new Names(this);
        RoomNames = [.. new[] { "general", "lobby", "ops" }.Take(Plan.Rooms)];
    }

    public Plan Plan { get; }

    public Random Chance { get; }

    public Trace Trace { get; }

    public ManualTime Time { get; } = new();

    public Truth Truth { get; }

    public Names Names { get; }

    public string[] RoomNames { get; }

    public ActorSystem System => _system.Actors;

    public TimeSpan Now => _system.Interleaving.Now;

    /// <summary>The first thing that was wrong; null where nothing was.</summary>
    public string? Fault { get; private set; }

    /// <summary>The server's process is there.</summary>
    public bool IsServerThere => _disk.IsRunning;

    /// <summary>An actor was made to fail.</summary>
    public bool HasFailures { get; private set; }

    /// <summary>The machine lost its power.</summary>
    public bool HasLostPower { get; private set; }

    /// <summary>Something is wrong.</summary>
    public void Fail(string what)
    {
        if (Fault is not null)
            return;
        Fault = what;
        Trace.Explain($"WRONG: {what}");
    }

    /// <summary>A message's text.</summary>
    public string Text(string id) => Plan.IsFat ? id.PadRight(1_000 + Chance.Next(2_500), '.') : id;

    /// <summary>From its beginning to its end.</summary>
    public void Run()
    {
        _system.Interleaving.Begin(Chance, Trace, Watch);
        try
        {
            Start();
            Populate();
            for (var i = 0; i < Plan.Events && Fault is null; i++)
                Happen();
            if (Fault is null)
                Settle();
            if (Fault is null)
                Check();
        }
        finally
        {
            End();
        }
    }

    /// <summary>A client connects; null where nobody listens.</summary>
    public SimulatedSocket? Accept(Client client, int number, bool isOriginal)
    {
        if (_server is not { IsAccepting: true } server)
            return null;
        var capacity = !_isSettling && Chance.NextDouble() < Plan.Slowness ? Chance.Next(600, 3_000) : 1_000_000;
        var socket = new SimulatedSocket(this, client, isOriginal, capacity) { Number = number };
        _sockets.Add(socket);
        server.Accept(socket);
        Trace.Add($"{socket.Name} is opened");
        return socket;
    }

    private void Populate()
    {
        string[] talkers = ["ana", "bob", "eve"];
        foreach (var name in talkers.Take(Plan.Talkers))
            _clients.Add(new Talker(this, name));
        var tokens = new Dictionary<string, string>();
        string[] strangers = ["kim", "lea", "max"];
        for (var i = 0; i < Plan.Strangers; i++)
            _clients.Add(new Stranger(this, strangers[i], Plan.IsShared ? "sam" : strangers[i], tokens, isOriginal: false));
    }

    private void Start()
    {
        FileHistoryStore? store = null;
        try
        {
            store = FileHistoryStore.Open(
                _disk.Start(),
                Folder,
                new FileHistoryOptions
                {
                    Durability = Plan.Durability,
                    SegmentBytes = Plan.SegmentBytes,
                    OpenLogs = Plan.OpenLogs,
                    ShareSyncsFrom = Plan.ShareSyncsFrom,
                    BootId = $"boot-{_boot}",
                },
                warning => Trace.Explain(warning.ToString()));
            _server = new SimulatedServer(this, $"server-{++_starts}", Plan.ToOptions(Time), store);
            Trace.Add("the server starts");
        }
        catch (StorageException cause)
        {
            // It ends, and is started again.
            Trace.Explain(cause.Message);
            _disk.Kill();
            _startAt = Now + TimeSpan.FromSeconds(1);
        }
    }
}

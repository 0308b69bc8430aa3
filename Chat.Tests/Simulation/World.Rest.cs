using Akka.Actor;

namespace Chat.Tests.Simulation;

// Nothing goes wrong any more: all comes to rest, and is looked at.
internal sealed partial class World
{
    // Far more than anything needs; past it, something goes round in circles.
    private const int MostRuns = 100_000;

    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(1);

    private void Settle()
    {
        Trace.Add("all settles");
        _isSettling = true;
        // Of those who share a name, one is to have it.
        foreach (var other in _clients.OfType<Stranger>().Skip(1).Where(_ => Plan.IsShared))
            other.GoAway();
        ComeToRest(() => _clients.TrueForAll(client => client.IsSettled));
    }

    private void ComeToRest(Func<bool> isDone)
    {
        var until = Now + MostTime;
        while (Fault is null)
        {
            SeeToTheServer();
            foreach (var client in _clients)
                client.Settle();
            RunAll();
            if (_server is { StopsAt: null } && isDone() && _sockets.TrueForAll(socket => socket.IsAtRest))
                return;
            if (Now > until)
            {
                Fail($"It doesn't come to rest: {string.Join(", ", Restless())}");
                return;
            }
            var isBusy = false;
            foreach (var client in _clients.ToArray())
            {
                if (client.Due > Now || client.Due is null)
                    continue;
                client.Tick();
                isBusy = true;
            }
            if (!isBusy && Interleaving.Ready == 0 && !_sockets.Exists(socket => socket.CanServe || socket.CanRead))
                PassTime(NextDue() is { } due && due < Glance ? due : Glance);
        }
    }

    // All that can happen without time.
    private void RunAll()
    {
        var runs = 0;
        bool isBusy;
        do
        {
            isBusy = false;
            while (Fault is null && Interleaving.RunAny())
                runs++;
            foreach (var socket in _sockets.ToArray())
            {
                if (socket is { IsLeft: true, IsServed: true, Connection: not null })
                    socket.Notice();
                while (Fault is null && socket.CanServe)
                {
                    socket.Serve();
                    isBusy = true;
                }
                if (socket.CanRead)
                {
                    socket.Read(int.MaxValue);
                    isBusy = true;
                }
            }
            if (runs > MostRuns)
                Fail("It goes round in circles.");
        }
        while (isBusy && Fault is null);
    }

    private IEnumerable<string> Restless() => _clients.Where(client => !client.IsSettled).Select(client => client.Name)
        .Concat(_sockets.Where(socket => !socket.IsAtRest).Select(socket =>
            $"{socket.Name} {socket.State} ({string.Join(", ", socket.Wire.Unanswered.Select(Texts.Of))})"));

    private void Check()
    {
        var auditor = new Auditor(this);
        _clients.Add(auditor);
        ComeToRest(() => auditor.IsSettled);
        if (Fault is not null)
            return;
        foreach (var room in RoomNames)
        {
            var members = _clients.Where(client => client.Rooms.Contains(room)).Select(client => client.User).Order(StringComparer.Ordinal);
            if (!members.SequenceEqual(auditor.Members(room)))
                Fail($"In {room} are {string.Join(", ", members)}; the server says {string.Join(", ", auditor.Members(room))}.");
        }
        // A room whose storage failed last still has in its log what it refused, until it tries again.
        var tried = Now + Plan.ToOptions(Time).StorageRetry;
        ComeToRest(() => Now >= tried && _clients.TrueForAll(client => client.IsSettled));
        if (Fault is not null)
            return;
        Truth.Check(RoomNames);
        foreach (var client in _clients)
            client.Check();
        if (Fault is null)
            Leave();
    }

    // When all have gone, nothing stays behind.
    private void Leave()
    {
        Trace.Add("all go");
        foreach (var client in _clients)
            client.GoAway();
        _clients.Clear();
        ComeToRest(() => _sockets.Count == 0);
        for (var i = 0; i < 3; i++)
        {
            PassTime(Plan.Limits.Grace + TimeSpan.FromSeconds(5));
            RunAll();
        }
        foreach (var actor in new[] { _server!.Rooms!, _server.Relays!, _server.Connections! })
        {
            if (actor.Children.Any())
                Fail($"All have gone, and {actor.Path.Name} still has {string.Join(", ", actor.Children.Select(child => child.Path.Name))}.");
        }
    }

    private void End()
    {
        _disk.Kill();
        if (_server is { } server)
            Bury(server);
    }
}

using System.Collections;
using Akka.Actor;
using Chat.Actors;
using Chat.Actors.Relays;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Tests.Fakes;

namespace Chat.Tests.Simulation;

// What happens next.
internal sealed partial class World
{
    // While one call to the disk waits, another may come to wait too; more than that isn't worth the stack.
    private const int MostWaiting = 2;

    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(4);

    private Interleaving Interleaving => _system.Interleaving;

    private void Happen()
    {
        SeeToTheServer();
        for (var runs = Chance.Next(8); runs > 0 && IsGoingOn; runs--)
            Interleaving.RunAny();
        if (IsGoingOn)
            HappenToSomebody();
    }

    // Whatever was under way when a process ended is over; what still stands on the stack has to unwind first.
    private bool IsGoingOn => Fault is null && (_server is null || _disk.IsRunning);

    private void HappenToSomebody()
    {
        var what = Chance.NextDouble();
        if (_server is not null && (what -= Plan.Kills) < 0)
            Kill();
        else if (_server is not null && (what -= Plan.PowerCuts) < 0)
            CutPower();
        else if (_server is { IsAccepting: true } && (what -= Plan.Stops) < 0)
            _server.Stop(Now + StopTime);
        else if ((what -= Plan.Failures) < 0)
            FailAnActor();
        else if ((what -= Plan.Dropping) < 0)
            Any(_clients)?.Drop();
        else
            GoOn();
        CheckBounds();
    }

    private void GoOn()
    {
        switch (Chance.Next(100))
        {
            case < 30:
                Any(_clients)?.Act();
                break;
            case < 60:
                Serve(Any(_sockets));
                break;
            case < 85:
                Read(Any(_sockets), Chance.Next(4) == 0 ? Chance.Next(1, 600) : int.MaxValue);
                break;
            case < 92:
                if (Any(_clients) is { } client && client.Due <= Now)
                    client.Tick();
                break;
            case < 94:
                if (Any(_sockets) is { IsLeft: true, Connection: not null } left)
                    left.Notice();
                break;
            default:
                PassTime();
                break;
        }
    }

    private static void Serve(SimulatedSocket? socket)
    {
        if (socket is { CanServe: true })
            socket.Serve();
    }

    private static void Read(SimulatedSocket? socket, int most)
    {
        if (socket is { CanRead: true })
            socket.Read(most);
    }

    private T? Any<T>(List<T> all) where T : class => all.Count == 0 ? null : all[Chance.Next(all.Count)];

    // To the next moment at which something is due, a little, or for long.
    private void PassTime()
    {
        var next = Chance.Next(4) switch
        {
            0 or 1 => NextDue() ?? TimeSpan.FromMilliseconds(100),
            2 => TimeSpan.FromMilliseconds(Chance.Next(1, 50)),
            _ => TimeSpan.FromMilliseconds(Chance.Next(1, 3_000)),
        };
        PassTime(next);
    }

    private TimeSpan? NextDue()
    {
        var due = Interleaving.NextTimer;
        foreach (var client in _clients)
        {
            if (client.Due < due || due is null)
                due = client.Due;
        }
        return due is { } at ? at > Now ? at - Now : TimeSpan.Zero : null;
    }

    private void PassTime(TimeSpan time)
    {
        if (time <= TimeSpan.Zero)
            return;
        Trace.Add($"{time.TotalMilliseconds} ms pass");
        Time.Advance(time);
        Interleaving.Advance(time);
        foreach (var socket in _sockets)
            socket.Tick();
        // Somebody sets the clock, back too; only the time of day, nothing else.
        if (!_isSettling && Chance.Next(100) == 0)
            Time.SetWall(TimeSpan.FromSeconds(Chance.Next(-3600, 60)));
    }

    // Called by the disk, in the middle of what an actor does: others get on before its call returns.
    private void Meanwhile()
    {
        if (_depth >= MostWaiting || _isSettling || !IsGoingOn || Chance.NextDouble() >= Plan.Interrupts)
            return;
        _depth++;
        for (var events = Chance.Next(1, 6); events > 0 && IsGoingOn; events--)
        {
            for (var runs = Chance.Next(4); runs > 0 && IsGoingOn; runs--)
                Interleaving.RunAny();
            if (IsGoingOn)
                HappenToSomebody();
        }
        _depth--;
    }

    private DiskFault? FaultOf(DiskRequest request)
    {
        if (_isSettling || !IsGoingOn)
            return null;
        if (request.Call == DiskCall.Read)
            return Chance.NextDouble() < Plan.ReadFaults ? Noted(DiskFault.Error, request) : null;
        if (_server is not null && IsOfAnAppend(request) && Chance.NextDouble() < Plan.Failures)
        {
            HasFailures = true;
            Trace.Add($"a fault of the program in {request.Call} of {request.Path}");
            throw new SimulatedFaultException();
        }
        if (Plan.Kills + Plan.PowerCuts > 0 && Chance.NextDouble() < (Plan.Kills + Plan.PowerCuts) / 10)
            return Noted(DiskFault.Stop, request);
        return Chance.NextDouble() < Plan.DiskFaults
            ? Noted((DiskFault)Chance.Next((int)DiskFault.Error, (int)DiskFault.LateError + 1), request)
            : null;
    }

    // Asked by appends alone, before their lines are stored and after.
    private static bool IsOfAnAppend(DiskRequest request) =>
        request.Call is DiskCall.SyncData or DiskCall.FileExists && request.Path.EndsWith(".jsonl", StringComparison.Ordinal);

    private DiskFault Noted(DiskFault fault, DiskRequest request)
    {
        Trace.Add($"{fault} in {request.Call} of {request.Path}");
        return fault;
    }

    private void FailAnActor()
    {
        if (_server is not { Rooms: { } rooms, Relays: { } relays })
            return;
        HasFailures = true;
        var room = RoomNames[Chance.Next(RoomNames.Length)];
        var name = RoomName.Trusted(room);
        switch (Chance.Next(4))
        {
            case 0:
                Trace.Add($"the relay of {room} fails");
                relays.GetSingleChild(room).Tell(new RoomReplies.Delivered(name, [], new Faulty<RoomReplies.Ack>()), ActorRefs.NoSender);
                break;
            case 1 when Any(_sockets) is { Connection: { } connection, IsServed: true } socket:
                Trace.Add($"the actor of {socket.Name} fails");
                socket.Wire.Ends(null);
                connection.Tell(Akka.Actor.Kill.Instance, ActorRefs.NoSender);
                break;
            default:
                Trace.Add($"the room {room} fails");
                rooms.GetSingleChild(room).Tell(new RoomCommands.Attach(name, new Faulty<Speaker>()), ActorRefs.NoSender);
                break;
        }
    }

    // A relay that fails ends the connections of its members, and of those who have something in its mailbox.
    private void Watch(IActorRef actor, Envelope envelope)
    {
        if (envelope.Message is RoomReplies.Delivered { Acks: Faulty<RoomReplies.Ack> })
            Names.RelayFailed(actor.Path.Name);
        else if (envelope.Message is RelayCommands.Failed && _sockets.Find(socket => actor.Equals(socket.Connection)) is { } socket)
            Names.RelayFailed(envelope.Sender.Path.Name, socket.Wire);
    }

    // What the program makes a mistake over.
    private sealed class Faulty<T> : IReadOnlyList<T>
    {
        public int Count => throw new SimulatedFaultException();

        public T this[int index] => throw new SimulatedFaultException();

        public IEnumerator<T> GetEnumerator() => throw new SimulatedFaultException();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    // ---- the server's process

    private void Kill()
    {
        Trace.Add("the server is killed");
        _disk.Kill();
    }

    private void CutPower()
    {
        Trace.Add("the power is cut");
        HasLostPower = _hasNoPower = true;
        _boot++;
        _disk.PowerCut(Chance);
        Truth.LosesPower();
    }

    // At the bottom of the stack alone: buries what has ended, and starts it again.
    private void SeeToTheServer()
    {
        _sockets.RemoveAll(socket => socket is { IsServed: false, IsLeft: true });
        if (_server is { } server)
        {
            if (server.HasStopped)
                _disk.Kill();
            else if (server.StopsAt <= Now)
                server.GiveUp();
            if (_disk.IsRunning)
                return;
            Bury(server);
            // A process that ended in a call may be one of a machine that did.
            if (!server.HasStopped && !_hasNoPower && Chance.NextDouble() * (Plan.Kills + Plan.PowerCuts) < Plan.PowerCuts)
                CutPower();
            _hasNoPower = false;
            _startAt = Now + TimeSpan.FromMilliseconds(Chance.Next(2_000));
        }
        if (_server is null && Now >= _startAt)
            Start();
    }

    private void Bury(SimulatedServer server)
    {
        Trace.Add("the server is gone");
        _server = null;
        foreach (var socket in _sockets)
            socket.Bury();
        server.Bury(Interleaving);
        Names.Restart();
        foreach (var socket in _sockets.ToArray())
            socket.Break();
        _sockets.Clear();
    }

    private void CheckBounds()
    {
        foreach (var socket in _sockets)
        {
            if (socket.Outbox.Waiting > Plan.OutboxBound + BesideBound)
                Fail($"{socket.Name} has {socket.Outbox.Waiting} bytes waiting.");
        }
    }
}

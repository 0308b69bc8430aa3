using System.Collections.Concurrent;
using System.Diagnostics;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Cluster.Support;

/// <summary>Clients of all nodes who talk in one room, and what has to be so of that however the nodes fare.</summary>
internal sealed class Conversation : IAsyncDisposable
{
    // Who talks without a pause says more than a test can look at.
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

    private readonly ChatCluster _cluster;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<long> _acks = new();
    private Task _talking = Task.CompletedTask;

    private Conversation(ChatCluster cluster, string room) => (_cluster, Room) = (cluster, room);

    /// <summary>Where they are.</summary>
    public string Room { get; }

    /// <summary>Who is in, in the order in which they came.</summary>
    public List<RoamingChat> Clients { get; } = [];

    /// <summary>The longest time in which no publish was acked.</summary>
    public TimeSpan LongestSilence => _acks.Zip(_acks.Skip(1), Stopwatch.GetElapsedTime).DefaultIfEmpty().Max();

    /// <summary>So many come in on each node, and begin to talk.</summary>
    public static async Task<Conversation> BeginAsync(ChatCluster cluster, Func<string, string> name, string room, int each = 2)
    {
        var talk = new Conversation(cluster, room);
        foreach (var node in Enumerable.Repeat(cluster.Running, each).SelectMany(nodes => nodes))
            talk.Clients.Add(await RoamingChat.EnterAsync(cluster, node, name("talker"), room));
        await cluster.SavedAsync(room, talk.Clients.Select(client => client.User));
        talk._talking = Task.WhenAll(talk.Clients.Select(talk.TalkAsync));
        await talk.GoOnAsync();
        return talk;
    }

    /// <summary>Waits until each of them has said something more.</summary>
    public Task GoOnAsync()
    {
        var before = Clients.ToDictionary(client => client, client => client.Acked.Count);
        // Of two more, one at least was begun after this.
        return Patience.UntilAsync(
            () => Task.FromResult(_talking.IsFaulted || Clients.All(client => client.Acked.Count >= before[client] + 2)), "everybody to say something more", Report);
    }

    /// <summary>Waits until those have taken their sessions to another node.</summary>
    public Task ResumedAsync(IReadOnlyCollection<RoamingChat> clients) => Patience.UntilAsync(
        () => Task.FromResult(clients.All(client => client is { Resumes: > 0, IsLive: true })), "those of that node to be at others", Report);

    /// <summary>They fall silent; what they said is acked, and seen by all.</summary>
    public async Task EndAsync()
    {
        await _end.CancelAsync();
        await _talking;
        var last = Clients.SelectMany(client => client.Acked.Values).Max();
        await Patience.UntilAsync(() => Task.FromResult(Clients.All(client => client.IsLive && client.Seen(Room).Count >= last)), "everybody to have seen the last message", Report);
    }

    /// <summary>
    /// Nothing that was acked is lost; nothing is there twice, out of order, or another for one than for another; nobody but those was seen to leave, nor to come twice.
    /// </summary>
    public async Task VerifyAsync(params string[] left)
    {
        await using var reader = await RoamingChat.EnterAsync(_cluster, _cluster.Next(), $"reader-{Guid.NewGuid():N}"[..24], Room);
        var log = reader.Seen(Room);
        Assert.Equal(Enumerable.Range(1, log.Count).Select(seq => (long)seq), log.Select(message => message.Number("seq")));
        Assert.Equal(log.Count, log.Select(message => (message["user"], message.Id)).Distinct().Count());
        foreach (var client in Clients.Append(reader))
        {
            Assert.True(client.Faults.Count == 0, client.Report());
            Assert.Equal(0, client.Unacked);
            foreach (var (id, seq) in client.Acked)
                Assert.Equal((client.User, id), (log[(int)seq - 1]["user"], log[(int)seq - 1].Id));
            Assert.Equal(log.Select(message => message.Text), client.Seen(Room).Select(message => message.Text));
        }
        for (var i = 0; i < Clients.Count; i++)
        {
            var told = Clients[i].Notices.Where(notice => notice["user"] != reader.User).ToArray();
            Assert.Equal(
                Clients.Skip(i + 1).Select(client => client.User), told.Where(notice => notice.IsSystem("joined") && notice["user"] is { } user && !left.Contains(user)).Select(notice => notice["user"]!));
            Assert.Equal(left.Order(), told.Where(notice => notice.IsSystem("left")).Select(notice => notice["user"]!).Order());
            // What one says takes effect in the order in which it was said, unless it was refused and sent again.
            if (Clients[i].Refusals.Count == 0)
                Assert.Equal(
                    Enumerable.Range(1, Clients[i].Acked.Count).Select(number => $"{Clients[i].User}.{number}"), log.Where(message => message["user"] == Clients[i].User).Select(message => message.Id!));
        }
    }

    /// <summary>What a failed test should show.</summary>
    public string Report() => string.Join('\n', Clients.Select(client =>
        $"{client.User} at {client.At.Address}: {client.Acked.Count} acked, {client.Unacked} not, {client.Seen(Room).Count} seen, {client.Resumes} resumes, close {client.LastClose}, live {client.IsLive}; "
        + $"{string.Join("; ", client.Faults)} {client.Refusals.LastOrDefault()}")) + $"\n{_talking.Exception}\n{_cluster.Report()}";

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        foreach (var client in Clients)
            await client.DisposeAsync();
        _end.Dispose();
    }

    private async Task TalkAsync(RoamingChat client)
    {
        for (var i = 0; !_end.IsCancellationRequested; i++)
        {
            await client.PublishAsync(Room, $"{i} from {client.User}");
            _acks.Enqueue(Stopwatch.GetTimestamp());
            await Task.Delay(Breath);
        }
    }
}

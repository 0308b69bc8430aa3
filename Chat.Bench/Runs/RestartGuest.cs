using System.Diagnostics;
using Chat.Protocol;
using Chat.Protocol.Client;

namespace Chat.Bench.Runs;

/// <summary>One client of <see cref="RestartRun"/>: what it saw of its room, and how long it was without it.</summary>
internal sealed class RestartGuest : IAsyncDisposable
{
    private readonly ChatClient _client;
    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _gaps = [];
    private readonly List<TimeSpan> _givens = [];
    private Task _reading = Task.CompletedTask;
    private long? _lostAt;
    private TimeSpan _given;
    private bool _isBack = true;

    private RestartGuest(ChatClient client, string room) => (_client, Room) = (client, room);

    /// <summary>Where it is.</summary>
    public string Room { get; }

    /// <summary>The newest message that it saw.</summary>
    public long Seq { get; private set; }

    /// <summary>Messages that it should have seen before the newest.</summary>
    public long Holes { get; private set; }

    /// <summary>Messages that came again, or behind a later one.</summary>
    public long OutOfOrder { get; private set; }

    /// <summary>It is live again since <see cref="Begin"/>.</summary>
    public bool IsBack
    {
        get
        {
            lock (_gate)
                return _isBack;
        }
    }

    /// <summary>How long it wasn't live, the last time.</summary>
    public TimeSpan Gap => _gaps[^1];

    /// <summary>What it was given to wait, the last time.</summary>
    public TimeSpan Given => _givens[^1];

    /// <summary>The gaps of all restarts.</summary>
    public IReadOnlyList<TimeSpan> Gaps => _gaps;

    /// <summary>What it was given in all of them.</summary>
    public IReadOnlyList<TimeSpan> Givens => _givens;

    /// <summary>Logs in and joins.</summary>
    public static async Task<RestartGuest> EnterAsync(Uri server, int number, string room, CancellationToken cancellation)
    {
        var guest = new RestartGuest(new ChatClient(new ChatClientOptions { Server = server, User = $"guest-{number}" }), room);
        guest._reading = guest.ReadAsync();
        await guest._client.ConnectAsync(cancellation);
        await guest._client.JoinAsync(room, since: 0, cancellation: cancellation);
        return guest;
    }

    /// <summary>A restart is about to come.</summary>
    public void Begin()
    {
        lock (_gate)
            (_isBack, _lostAt, _given) = (false, null, TimeSpan.Zero);
    }

    /// <summary>Says something; gives its seq when it is stored.</summary>
    public async Task<long> SayAsync(string text) => (await _client.PublishAsync(Room, text)).Seq;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _reading;
    }

    private async Task ReadAsync()
    {
        await foreach (var e in _client.Events())
        {
            switch (e)
            {
                case ClientEvent.Received { Event: ServerEvent.Message message }:
                    Saw(message.Seq);
                    break;
                case ClientEvent.Received { Event: ServerEvent.History history }:
                    foreach (var message in history.Messages)
                        Saw(message.Seq);
                    if (history.Live)
                        CameBack();
                    break;
                case ClientEvent.Received { Event: ServerEvent.Shutdown shutdown }:
                    lock (_gate)
                        _given = shutdown.ReconnectIn;
                    break;
                case ClientEvent.StateChanged { State.Status: ConnectionStatus.Waiting }:
                    lock (_gate)
                        _lostAt ??= Stopwatch.GetTimestamp();
                    break;
            }
        }
    }

    private void CameBack()
    {
        lock (_gate)
        {
            if (_isBack || _lostAt is not { } lostAt)
                return;
            _gaps.Add(Stopwatch.GetElapsedTime(lostAt));
            _givens.Add(_given);
            _isBack = true;
        }
    }

    private void Saw(long seq)
    {
        if (seq <= Seq)
        {
            OutOfOrder++;
            return;
        }
        Holes += seq - Seq - 1;
        Seq = seq;
    }
}

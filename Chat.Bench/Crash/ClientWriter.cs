using Chat.Protocol.Client;

namespace Chat.Bench.Crash;

/// <summary>A writer with one <see cref="ChatClient"/> for all of the test: every publish is to be acked, however often the gateway is killed.</summary>
internal sealed class ClientWriter(string name, IReadOnlyList<Place> places, CrashRecord record, Random random) : ICrashUser
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    private readonly Writing _writing = new(name, [.. places.Select(place => place.Room)], random);
    private int _unanswered;
    private volatile bool _isQuiet;

    public string Name => name;

    public IReadOnlyList<Place> Places => places;

    public int Unanswered => Volatile.Read(ref _unanswered);

    public bool HasFinished => _isQuiet && Unanswered == 0;

    public async Task RunAsync(CrashStage stage, CancellationToken cancellation)
    {
        await using var user = new ClientUser(name, places, record, stage.Server);
        await user.EnterAsync(cancellation);
        while (!user.IsOver && !stage.IsAtEnd(places))
        {
            _isQuiet = stage.IsQuiet;
            if (!_isQuiet)
            {
                for (var most = random.Next(1, Outbox.Most + 1); Unanswered < most;)
                    Publish(user.Client);
            }
            var enough = random.Next(Outbox.Most);
            for (var pause = random.Next(8); !user.IsOver && (pause >= 0 || Unanswered > enough); pause--)
                await Task.Delay(Look, cancellation);
        }
    }

    private void Publish(ChatClient client)
    {
        var draft = _writing.Next();
        record.Published(draft.Room, name, draft.Id, draft.Text);
        Interlocked.Increment(ref _unanswered);
        _ = AckAsync(client, draft);
    }

    private async Task AckAsync(ChatClient client, Draft draft)
    {
        try
        {
            record.Acknowledged(name, await client.PublishAsync(draft.Room, draft.Text, draft.Id));
            Interlocked.Decrement(ref _unanswered);
        }
        catch (ChatRefusedException e)
        {
            record.Offences.Add(Offence.Wrong, $"{name}'s {draft.Id} was refused with {e.Code}: {e.Message}");
        }
        catch (ChatConnectionException)
        {
            // It stays unanswered, which is told in the end.
        }
    }
}

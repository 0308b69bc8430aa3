namespace Chat.Bench.Load;

/// <summary>Clients each of whom sends again as soon as its own message has come back: as much as a server can take with so many in flight.</summary>
public sealed class EchoLoad
{
    // Numbers of one client are that far apart, so that no two clients have the same.
    private const long Stride = 100_000;

    private readonly Dictionary<LoadClient, Sender> _senders = [];
    private bool _isSending;

    /// <param name="dialect">How they speak.</param>
    /// <param name="senders">Who sends.</param>
    /// <param name="characters">Of a message.</param>
    public EchoLoad(IDialect dialect, IEnumerable<LoadClient> senders, int characters)
    {
        foreach (var client in senders)
        {
            _senders[client] = new Sender(new NumberedRequest(dialect.Publish(client.User, client.Room, NumberedRequest.Text(characters))), client.Number);
            client.Heard = Heard;
        }
    }

    /// <summary>Whether nothing is in flight.</summary>
    public bool IsQuiet => _senders.Values.All(sender => !sender.IsWaiting);

    /// <summary>How many messages a room was sent.</summary>
    public long Sent(string room) => _senders.Where(pair => pair.Key.Room == room).Sum(pair => pair.Value.Sent);

    /// <summary>Begins.</summary>
    public void Start()
    {
        _isSending = true;
        foreach (var (client, sender) in _senders)
            sender.Send(client);
    }

    /// <summary>Sends nothing more.</summary>
    public void Stop() => _isSending = false;

    private void Heard(LoadClient client, ReadOnlySpan<byte> message)
    {
        var sender = _senders[client];
        if (!sender.IsWaiting || NumberedRequest.Number(message) != sender.Number)
            return;
        sender.IsWaiting = false;
        if (_isSending)
            sender.Send(client);
    }

    private sealed class Sender(NumberedRequest request, int client)
    {
        public long Sent { get; private set; }

        public long Number { get; private set; }

        public bool IsWaiting { get; set; }

        public void Send(LoadClient to)
        {
            Number = (++Sent * Stride) + client;
            IsWaiting = true;
            to.Send(request.Numbered(Number));
        }
    }
}
